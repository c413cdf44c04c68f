"""Lengths, shares and ages as people read them. Pure."""

from calls.humanize import age, length

__all__ = ["age", "length", "moment", "part_of", "percent", "share", "stretch"]


def moment(ms: int) -> str:
    """A place in a call, with tenths of a second."""
    return f"{length(ms)}.{ms % 1000 // 100}"


def stretch(ms: int) -> str:
    """How long something lasted: 20 ms, 3.2 s, 4:05."""
    if ms < 1000:
        return f"{ms} ms"
    return f"{ms // 100 / 10:.1f} s" if ms < 60_000 else length(ms)


def share(part: int, whole: int) -> float:
    """Percent with one decimal, rounded down: 100 means that nothing at all is missing."""
    return part * 1000 // whole / 10 if whole else 0.0


def percent(part: int, whole: int) -> str:
    value = share(part, whole)
    return f"{value:.0f} %" if value in (0, 100) else f"{value:.1f} %"


def part_of(from_ms: int | None, to_ms: int | None) -> str:
    """Which milliseconds of a session: "0:03.2 – 1:10.0"; a dash where it was none in particular."""
    if from_ms is None and to_ms is None:
        return "–"
    return f"{moment(from_ms or 0)} – {'the end' if to_ms is None else moment(to_ms)}"
