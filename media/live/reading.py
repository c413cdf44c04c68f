"""What an interval says to eyes and ears: levels, speaking marks, sound. Runs in the tap's own thread."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from media.live.messages import Lane, Tapped
from media.stream.errors import BadPacket
from media.stream.levels import DIGITAL_ZERO, SPEECH_DBFS, loudness
from media.stream.live_placement import Arrived, LivePlacement
from media.stream.packets import AudioData
from media.stream.rate import RATE_OF_BYTES, USUAL
from media.stream.wire import decode

FORGET_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One connection's interval, as the spool has it too: only read here. `rate` None: metadata did not say."""

    session: UUID
    connection: UUID
    rate: int | None
    messages: Sequence[str | bytes]
    arrivals: Sequence[int]


class Reader:
    """Decodes pieces. Remembers where the lanes of connections that somebody hears have got to."""

    def __init__(self) -> None:
        self._placed: dict[UUID, tuple[LivePlacement, float]] = {}

    def read(self, pieces: Sequence[Piece], hearing: frozenset[UUID]) -> list[Tapped]:
        """`hearing`: sessions and connections whose sound is wanted; of the others levels only."""
        lanes = [_frames_by_lane(piece) for piece in pieces]
        frames = [frame for found in lanes for arrived in found.values() for frame, _ in arrived]
        levels = iter(loudness([frame.pcm for frame in frames]))
        tapped = []
        for piece, found in zip(pieces, lanes, strict=True):
            heard = piece.session in hearing or piece.connection in hearing
            place = self._place_of(piece.connection) if heard else None
            read = [_lane(raw_id, arrived, piece.rate, levels, place) for raw_id, arrived in found.items()]
            if read:
                tapped.append(Tapped(piece.session, piece.connection, piece.arrivals[-1], read))
        self._forget()
        return tapped

    def _place_of(self, connection: UUID) -> LivePlacement:
        place = self._placed[connection][0] if connection in self._placed else LivePlacement()
        self._placed[connection] = (place, time.monotonic())
        return place

    def _forget(self) -> None:
        oldest = time.monotonic() - FORGET_SECONDS
        for connection in [each for each, (_, used) in self._placed.items() if used < oldest]:
            del self._placed[connection]


def _frames_by_lane(piece: Piece) -> dict[str | None, list[Arrived]]:
    found: dict[str | None, list[Arrived]] = {}
    for message, arrival in zip(piece.messages, piece.arrivals, strict=True):
        try:
            packet = decode(message)
        except BadPacket:
            continue  # counted and kept elsewhere
        if type(packet) is AudioData:
            found.setdefault(packet.lane, []).append((packet, arrival))
    return found


def _lane(
    raw_id: str | None, arrived: list[Arrived], rate: int | None, levels: Iterator[int], place: LivePlacement | None
) -> Lane:
    """`levels` gives that of each frame in turn."""
    level, speaking = DIGITAL_ZERO, False
    for frame, _ in arrived:
        loud = next(levels)
        level = min(level, loud)
        speaking = speaking or (loud < -SPEECH_DBFS and not frame.silent)
    rate = rate or RATE_OF_BYTES.get(len(arrived[0][0].pcm), USUAL)
    return Lane(raw_id, level, speaking, rate, place.place(raw_id, arrived, rate) if place else [])
