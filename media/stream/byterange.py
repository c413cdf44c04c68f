"""The `Range` header of a request for bytes (RFC 9110, section 14). Pure."""

import re

_PART = re.compile(r"[ \t]*(?:([0-9]+)-([0-9]*)|-([0-9]+))[ \t]*", re.ASCII)

MALFORMED = "This is no range of bytes (one looks like bytes=0-1023 or bytes=-500)"


class BadRange(ValueError):
    """Not a range of bytes, or one that begins beyond the end. Its text is a sentence without its end."""


def parse(header: str, length: int) -> tuple[int, int] | None:
    """The one range asked for, as (start, end) with start < end ≤ length.

    None where the whole is the answer: another unit than bytes, or several ranges (allowed, and nobody plays those).
    Raises BadRange.
    """
    unit, _, ranges = header.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    parts = [_PART.fullmatch(part) for part in ranges.split(",")]
    if not all(parts):
        raise BadRange(MALFORMED)
    return _span(parts[0], length) if len(parts) == 1 and parts[0] else None


def _span(part: re.Match[str], length: int) -> tuple[int, int]:
    first, last, suffix = (
        group and group.lstrip("0")[:20] for group in part.groups()
    )  # 20 digits are more than any file
    if suffix is not None:
        start, end = max(0, length - int(suffix or 0)), length
    else:
        start, end = int(first or 0), int(last or 0) + 1 if part[2] else length
    if part[2] and end <= start:
        raise BadRange(MALFORMED)
    if start >= min(end, length):
        raise BadRange("This range lies outside the file")
    return start, min(end, length)
