"""The sound of one running call on its way to those in this process who hear it: each block is made once for all.

A block (one binary WebSocket message, little endian) is what came in one interval, of 50 ms as long as somebody hears a
call of that server process:

    u8 version (1) | u8 segments | u16 0 | u32 sequence number | f64 arrival of its newest frame, ms since the epoch
    then per segment:
    u16 lane | u16 0 | u32 samples per second | u32 samples | u32 0 | i64 position | PCM, s16le, mono

`lane` is the number that a text message {"type": "lane"} announced before. `position` counts samples since the epoch on
the sender's clock; missing stretches are missing positions.
"""

import json
import struct
from typing import Any
from uuid import UUID

from calls.identifiers import short_of
from media.live.messages import Lane, Tapped
from media.live.outlet import Outlet
from media.sessions.identity import kind_of, label_of, participant_of

MOST_WAITING = 60  # blocks: three seconds
HEAD, SEGMENT = struct.Struct("<BBHId"), struct.Struct("<HHIIIq")
VERSION = 1


class Hearing:
    """`connections` are the open sockets of the session, under which its sound may come after it was deleted once."""

    def __init__(self, session: UUID) -> None:
        self.session = session
        self.connections: frozenset[UUID] = frozenset()
        self.outlets: set[Outlet] = set()
        self.labels: dict[str | None, str] = {}
        self.seq = 0
        self.heard_at = 0.0
        self._lanes: dict[str | None, int] = {}

    @property
    def ids(self) -> frozenset[UUID]:
        return self.connections | {self.session}

    def open(self) -> Outlet:
        outlet = Outlet(MOST_WAITING)
        for raw_id in self._lanes:
            outlet.put(self._announcement(raw_id))
        self.outlets.add(outlet)
        return outlet

    def hear(self, tapped: Tapped) -> None:
        sounding = [lane for lane in tapped.lanes if lane.segments]
        if not sounding:
            return
        for lane in sounding:
            if lane.raw_id not in self._lanes:
                self._lanes[lane.raw_id] = len(self._lanes)
                self._put(self._announcement(lane.raw_id))
        self.seq += 1
        self._put(self._block(tapped.at, sounding))

    def end(self, code: int, reason: str) -> None:
        for outlet in self.outlets:
            outlet.close(code, reason)

    def _put(self, parcel: str | bytes) -> None:
        for outlet in self.outlets:
            outlet.put(parcel)

    def _block(self, at: int, lanes: list[Lane]) -> bytes:
        parts: list[bytes] = []
        for lane in lanes:
            for position, pcm in lane.segments:
                parts += (SEGMENT.pack(self._lanes[lane.raw_id], 0, lane.rate, len(pcm) // 2, 0, position), pcm)
        return b"".join((HEAD.pack(VERSION, len(parts) // 2, 0, self.seq, at / 1e6), *parts))

    def _announcement(self, raw_id: str | None) -> str:
        facts: dict[str, Any] = {
            "type": "lane",
            "lane": self._lanes[raw_id],
            "id": str(participant_of(self.session, raw_id)),
            "raw_id": raw_id,
            "kind": kind_of(raw_id),
            "label": self.labels.get(raw_id) or label_of(raw_id) or short_of(raw_id or ""),
        }
        return json.dumps(facts)


def span_of(block: bytes) -> tuple[float, float]:
    """From when to when a block's sound lies, in ms since the epoch on the sender's clock. What is put on record."""
    offset, first, last = HEAD.size, float("inf"), float("-inf")
    while offset < len(block):
        _, _, rate, samples, _, position = SEGMENT.unpack_from(block, offset)
        first, last = min(first, position * 1000 / rate), max(last, (position + samples) * 1000 / rate)
        offset += SEGMENT.size + 2 * samples
    return first, last
