"""What is heard of a session: its lanes side by side from its origin on, gaps as silence, mixed as asked. Frames are
moments: one sample per channel. Knows nothing of HTTP and of file formats.

A playback is a snapshot: it holds the rows as they were when it was made, so a session that goes on does not change it.
Reading is for one thread at a time, and touches the storage but never the database.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from media.audio.lanes import Piece, lines_of, pieces_of
from media.errors import BadTimes, NothingArchived, UnknownParticipant
from media.models import TICKS_PER_MS, TICKS_PER_SECOND, Participant, StreamSession
from media.stream.mix import Layout, channels, mix
from media.stream.resample import Read

Frames = npt.NDArray[np.int16]
DEFAULT_RATE = 16_000


@dataclass(frozen=True, slots=True)
class PlaybackOptions:
    """What is asked for. `from_ms` and `to_ms` count from the session's origin; None is its start and end.
    `sample_rate` None is the session's own. No participants: all."""

    participants: Sequence[UUID] = ()
    layout: Layout = "mono"
    from_ms: int | None = None
    to_ms: int | None = None
    sample_rate: int | None = None


class Playback:
    """Frames of a session, by number. `first` is the number of the first one on the session's time line."""

    def __init__(self, lanes: Sequence[Sequence[Read]], layout: Layout, rate: int, first: int, frames: int) -> None:
        self._lanes, self._channels = lanes, channels(layout, len(lanes))
        self.rate, self.channels, self.first, self.frames = rate, len(self._channels), first, frames
        self.identity = ""

    def read(self, start: int, count: int) -> Frames:
        """`count` frames from `start` (0 is the first asked for): int16 (count, channels). Any slice equals that
        slice of the whole. Raises OSError where the storage cannot be reached."""
        lanes = [self._lane(parts, self.first + start, count) for parts in self._lanes]
        sides = [mix([lanes[number] for number in numbers]) for numbers in self._channels]
        return np.stack(sides, axis=1)

    def milliseconds(self, start: int, end: int) -> tuple[int, int]:
        """Where the frames from `start` to `end` lie in the session, whole milliseconds that hold them all."""
        first, last = (self.first + start) * 1000, (self.first + end) * 1000
        return first // self.rate, -(-last // self.rate)

    @staticmethod
    def _lane(parts: Sequence[Read], start: int, count: int) -> npt.NDArray[np.int16]:
        """A lane whose rate changed is the sum of its parts: where one sounds the others are zero."""
        if len(parts) == 1:
            return parts[0](start, count)
        total = np.zeros(count, np.int32)
        for read in parts:
            total += read(start, count)
        return np.clip(total, -32_768, 32_767).astype(np.int16)


def prepare(session: StreamSession, options: PlaybackOptions) -> Playback:
    """The playback of what is archived of `session` by now. Raises UnknownParticipant, NothingArchived, BadTimes."""
    origin, end = session.origin_ticks, session.end_ticks
    lanes = _chosen(in_order(session.participants.all(), origin or 0), options.participants)
    pieces = pieces_of(session)
    if origin is None or end is None or not pieces:
        raise NothingArchived
    lines = lines_of(pieces, origin)
    # Where a lane's clock ran behind, its last chunk ends later than its position says: that is heard too.
    ticks = max(end - origin, *(line.end_ticks for parts in lines.values() for line in parts))
    rate = options.sample_rate or session.sample_rate or DEFAULT_RATE
    first, last = _span(options, -(-ticks * rate // TICKS_PER_SECOND), rate)
    reads = [[line.reader(rate) for line in lines.get(lane.pk, ())] for lane in lanes]
    playback = Playback(reads, options.layout, rate, first, last - first)
    playback.identity = _identity(session, lanes, options, pieces)
    return playback


def in_order(participants: Iterable[Participant], origin_ticks: int) -> list[Participant]:
    """The order of a session's participants: by `first_ms`, then raw id (mixed audio, which has none, first)."""
    return sorted(participants, key=lambda lane: ((lane.first_ticks - origin_ticks) // TICKS_PER_MS, lane.raw_id or ""))


def _chosen(lanes: list[Participant], wanted: Sequence[UUID]) -> list[Participant]:
    known = {lane.pk for lane in lanes}
    for participant in wanted:
        if participant not in known:
            raise UnknownParticipant(participant=participant)
    return [lane for lane in lanes if not wanted or lane.pk in wanted]


def _span(options: PlaybackOptions, frames: int, rate: int) -> tuple[int, int]:
    """The first frame asked for and the one after the last."""
    start, end = options.from_ms or 0, options.to_ms
    if start < 0:
        raise BadTimes(problem="A time is negative")
    if end is not None and end < 0:
        raise BadTimes("to_ms", problem="A time is negative")
    if end is not None and end <= start:
        raise BadTimes(problem=f"Nothing lies between {start} and {end} ms")
    first = start * rate // 1000
    if first >= frames:
        raise BadTimes(problem=f"The session ends at {frames * 1000 // rate} ms, before {start} ms")
    return first, frames if end is None else min(frames, end * rate // 1000)


def _identity(
    session: StreamSession, lanes: Sequence[Participant], options: PlaybackOptions, pieces: Sequence[Piece]
) -> str:
    """Two playbacks with the same identity have the same samples: chunks never change, so their ids say everything."""
    facts = (
        session.pk,
        session.origin_ticks,
        session.end_ticks,
        session.sample_rate,
        [lane.pk for lane in lanes],
        options,
    )
    digest = hashlib.sha256(repr(facts).encode())
    digest.update(b"".join(piece.id.bytes for piece in pieces))
    return digest.hexdigest()[:32]
