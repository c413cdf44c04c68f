"""Where a lane's chunks lie when they are played: positions of one rate in another, and overlaps laid end to end."""

from collections.abc import Iterable


def convert(position: int, rate: int, to: int) -> int:
    """A position, or a length, in samples at `rate` as samples at `to`, to the nearest."""
    return (2 * position * to + rate) // (2 * rate)


def lay_out(spans: Iterable[tuple[int, int]]) -> list[int]:
    """Starts of `spans` (position, samples; ascending positions) so that none is cut and none overlaps.

    A span begins at its position, or where the one before it ends if that is later; the next true gap takes the shift
    up. Raises ValueError when positions descend.
    """
    starts: list[int] = []
    end = last = None
    for position, samples in spans:
        if last is not None and position < last:
            raise ValueError(f"spans must come in the order of their positions: {position} after {last}")
        start = position if end is None else max(position, end)
        starts.append(start)
        end, last = start + samples, position
    return starts
