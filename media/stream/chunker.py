"""Joins what the timeline placed into the pieces that are stored: one lane, one rate, no silence over two seconds.

Shorter holes become zeros inside a chunk and are named there; the hole itself stays with the placement. Knows nothing
of files or encodings.
"""

import msgspec

from media.stream.items import Lane, Placement, Run
from media.stream.strip import add_span

SPLIT_SECONDS = 2


class Chunk(msgspec.Struct, gc=False):
    """Audio of one lane from `position` on (samples since the epoch at `rate`).

    `silent`: (offset, samples) that ACS flagged silent; `holes`: those that are zeros of ours. Both ascending.
    """

    lane: Lane
    rate: int
    position: int
    pcm: bytes
    silent: list[tuple[int, int]] = []
    holes: list[tuple[int, int]] = []

    @property
    def samples(self) -> int:
        return len(self.pcm) // 2

    @property
    def end(self) -> int:
        return self.position + self.samples


def cut(placement: Placement) -> list[Chunk]:
    """Chunks of each lane in position order. A hole over two seconds, or another rate, begins a new one."""
    lanes: dict[Lane, list[list[Run]]] = {}
    for run in placement.runs:
        groups = lanes.setdefault(run.lane, [])
        if groups and _touches(groups[-1][-1], run):
            groups[-1].append(run)
        else:
            groups.append([run])
    return [_join(group) for groups in lanes.values() for group in groups]


def _touches(last: Run, run: Run) -> bool:
    hole = run.position - last.position - last.samples
    return run.rate == last.rate and 0 <= hole <= SPLIT_SECONDS * run.rate


def _join(runs: list[Run]) -> Chunk:
    first = runs[0]
    if len(runs) == 1:
        return Chunk(first.lane, first.rate, first.position, first.pcm, first.silent)
    parts: list[bytes] = []
    silent: list[tuple[int, int]] = []
    holes: list[tuple[int, int]] = []
    at = first.position
    for run in runs:
        if run.position > at:
            parts.append(bytes(2 * (run.position - at)))
            add_span(holes, at - first.position, run.position - at)
        for offset, samples in run.silent:
            add_span(silent, run.position - first.position + offset, samples)
        parts.append(run.pcm)
        at = run.position + run.samples
    return Chunk(first.lane, first.rate, first.position, b"".join(parts), silent, holes)
