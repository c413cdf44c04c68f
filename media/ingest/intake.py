"""One open media socket, as the ingest sees it: what was received on it and is not yet handed over, and its limits."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from media.ingest.peers import Line
from media.ingest.pulling import Pull, nothing
from media.spool.rows import Interval
from media.stream.errors import BadPacket
from media.stream.packets import AudioData, AudioMetadata, Unknown
from media.stream.storable import unstorable
from media.stream.wire import decode

MOST_LANES = 64
MOST_MALFORMED_IN_A_ROW = 100

Close = Callable[[int, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a socket must be closed: a WebSocket close code and the reason in plain words."""

    code: int
    reason: str


class Intake:
    """One open socket. `take` is the per-frame path."""

    __slots__ = (
        "audio_seen",
        "close",
        "closing",
        "dropped",
        "dropped_since",
        "gone",
        "id",
        "interval",
        "lanes",
        "last_at",
        "line",
        "malformed_in_a_row",
        "number",
        "opened_at",
        "pull",
        "rate",
        "refused",
        "session_id",
    )

    def __init__(self, number: int, connection_id: uuid.UUID, session_id: uuid.UUID, close: Close, now: int) -> None:
        self.number, self.id, self.session_id, self.close = number, connection_id, session_id, close
        self.opened_at = self.last_at = now
        self.interval = Interval(number)
        self.lanes: set[str | None] = set()
        self.audio_seen = False
        self.rate: int | None = None  # as its metadata say
        self.refused = False  # its metadata announce what cannot be stored
        self.malformed_in_a_row = 0
        self.dropped = self.dropped_since = 0
        self.closing: Verdict | None = None
        self.pull: Pull = nothing
        self.line: Line | None = None
        self.gone = False  # the peer is, without a word (peers.py)

    @property
    def may_carry_sound(self) -> bool:
        """Not so where only other things came, as on a socket of transcription, nor where nobody is there any more."""
        return not self.gone and (self.rate is not None or bool(self.lanes) or not self.audio_seen)

    def take(self, message: str | bytes, now: int) -> Verdict | None:
        """Keeps one message, verbatim, that arrived at `now` (ns); says when the socket must be closed because of
        it."""
        interval = self.interval
        interval.messages.append(message)
        interval.arrivals.append(now)
        interval.size += len(message)
        self.last_at = now
        try:
            packet = decode(message)
        except BadPacket:
            interval.malformed += 1
            return self._malformed()
        self.malformed_in_a_row = 0
        if type(packet) is AudioData:
            interval.audio += 1
            if packet.lane in self.lanes:
                return None
            return self._new_lane(packet.lane)
        self.audio_seen = True
        if type(packet) is AudioMetadata:
            self.rate = packet.sample_rate
            reason = unstorable(packet)
            self.refused = bool(reason)
            if reason:
                self.lanes.clear()  # so that each frame from here on comes to _new_lane, and no other asks
            return Verdict(1003, reason) if reason else None
        if type(packet) is Unknown:
            interval.unknown += 1
        return None

    def _malformed(self) -> Verdict | None:
        """100 in a row end a socket that never sent anything good; one that did is never ended by dirt."""
        self.malformed_in_a_row += 1
        if self.audio_seen or self.malformed_in_a_row < MOST_MALFORMED_IN_A_ROW:
            return None
        return Verdict(1007, "100 messages in a row were not ACS media streaming JSON.")

    def _new_lane(self, lane: str | None) -> Verdict | None:
        """Counts as the archiver does what it will not store (media/archiver/reading.py)."""
        self.audio_seen = True
        if self.refused:
            self.interval.audio -= 1
            self.interval.malformed += 1
            return None
        if len(self.lanes) < MOST_LANES:
            self.lanes.add(lane)
            return None
        self.interval.audio -= 1
        self.interval.unknown += 1
        return Verdict(1008, f"More than {MOST_LANES} participants on one socket.")
