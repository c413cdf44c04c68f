"""The `Range` header of a request for bytes (RFC 9110, section 14). Pure."""

import re

_PART = re.compile(r"[ \t]*(?:([0-9]+)-([0-9]*)|-([0-9]+))[ \t]*", re.ASCII)

MALFORMED = "This is no range of bytes (one looks like bytes=0-1023 or bytes=-500)"


class BadRange(ValueError):
    """Not a range of bytes, or one that begins beyond the end. Its text is a sentence without its end."""


def parse(header: str, length: int) -> tuple[int, int] | None:
    """The one range asked for, as (start, end) with start < end ≤ length; of several the only one inside the file.

    None where the whole is the answer: another unit than bytes, or several ranges (allowed, and nobody plays those).
    Raises BadRange.
    """
    unit, _, ranges = header.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    words = [word for word in ranges.split(",") if word.strip()]  # a list may have empty elements (RFC 9110, 5.6.1)
    parts = [part for part in map(_PART.fullmatch, words) if part]
    if not words or len(parts) < len(words):
        raise BadRange(MALFORMED)
    spans = [span for part in parts if (span := _span(part, length))]
    if not spans:
        raise BadRange("This range lies outside the file" if len(parts) == 1 else "These ranges lie outside the file")
    return spans[0] if len(spans) == 1 else None


def _span(part: re.Match[str], length: int) -> tuple[int, int] | None:
    """None outside the file. Raises BadRange where it is reversed."""
    first, last, suffix = (
        group and group.lstrip("0")[:20] for group in part.groups()
    )  # 20 digits are more than any file
    if suffix is not None:
        start, end = max(0, length - int(suffix or 0)), length
    else:
        start, end = int(first or 0), int(last or 0) + 1 if part[2] else length
    if part[2] and end <= start:
        raise BadRange(MALFORMED)
    return (start, min(end, length)) if start < min(end, length) else None
