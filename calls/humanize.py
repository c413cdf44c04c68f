"""Lengths and ages as people read them. Pure."""

from datetime import timedelta


def length(ms: int) -> str:
    """m:ss, from an hour on h:mm:ss; rounded down, as clocks do."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def span(lasted: timedelta) -> str:
    """The same of a timedelta; never negative."""
    return length(max(0, int(lasted.total_seconds() * 1000)))


def age(lasted: timedelta) -> str:
    """In its largest unit: 12 s, 4 min, 3 h, 2 d."""
    seconds = max(0, int(lasted.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
