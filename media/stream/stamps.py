"""ACS's timestamps: text or number in, nanoseconds since the Unix epoch out. Knows no clock and no packet.

.NET writes ISO 8601 with 0 to 7 fraction digits; the other forms come from other programs that imitate ACS.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

SECOND = 1_000_000_000
TICK = 100  # .NET's unit of time, in nanoseconds

# A stamp and the number of fraction digits of a second that it was written with.
Stamp = tuple[int, int]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NET_EPOCH = -62_135_596_800 * SECOND  # 0001-01-01, where .NET's ticks begin
_NANOSECONDS = tuple(10 ** (9 - digits) for digits in range(10))  # what the last of so many digits is worth

_SECOND = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)", re.ASCII)
_TEXT = re.compile(r"(.{19})(?:[.,](\d{1,9}))?(?:[Zz]|([+-])(\d\d):?(\d\d)?)?", re.ASCII)
_NUMBER = re.compile(r"\d{9,19}(\.\d{1,9})?", re.ASCII)

# Numbers say their unit by their size, between 1973 and 2286: (from, below, nanoseconds, digits, epoch). Smaller ones
# count from something unknown and are no stamps.
_UNITS = (
    (10**8, 10**10, SECOND, 0, 0),
    (10**11, 10**13, 10**6, 3, 0),
    (10**14, 10**16, 10**3, 6, 0),
    (10**16, 10**17, TICK, 7, 0),
    (622 * 10**15, 722 * 10**15, TICK, 7, NET_EPOCH),
    (10**18, 10**19, 1, 9, 0),
)


def parse(text: str) -> Stamp | None:
    """The stamp in `text`, None where it is no time. No offset means UTC; a leap second is the next minute's first."""
    if text[19:20] == "." and text[-1:] == "Z":  # nearly every frame's form: only the fraction is new within a second
        fraction = text[20:-1]
        digits = len(fraction)
        if digits < 10 and fraction.isdigit() and fraction.isascii():
            second = _second(text[:19])
            return None if second is None else (second + int(fraction) * _NANOSECONDS[digits], digits)
    return _any_form(text.strip())


def from_number(number: int | float | str) -> Stamp | None:
    """The stamp that a count of seconds, milliseconds, … or .NET ticks stands for; its size tells which."""
    exact = Decimal(str(number))
    if not exact.is_finite():
        return None
    exact = exact.normalize()
    for low, high, nanoseconds, digits, epoch in _UNITS:
        if low <= exact < high:
            exponent = exact.as_tuple().exponent
            fraction = -exponent if isinstance(exponent, int) and exponent < 0 else 0
            return epoch + int(exact * nanoseconds), min(digits + fraction, 9)
    return None


def write(stamp: int) -> str:
    """The stamp as ACS writes it, cut to milliseconds: 2024-11-15T19:16:12.925Z. Years 1 to 9999."""
    seconds, rest = divmod(stamp, SECOND)
    return f"{_clock(seconds)}.{rest // 1_000_000:03}Z"


def _any_form(text: str) -> Stamp | None:
    if _NUMBER.fullmatch(text):
        return from_number(text)
    form = _TEXT.fullmatch(text)
    second = _second(form[1]) if form else None
    if form is None or second is None:
        return None
    fraction, sign, hours, minutes = form[2] or "", form[3], int(form[4] or 0), int(form[5] or 0)
    if hours > 23 or minutes > 59:
        return None
    offset = (hours * 60 + minutes) * 60 * SECOND
    stamp = second + int(fraction or 0) * _NANOSECONDS[len(fraction)]
    return stamp + (offset if sign == "-" else -offset), len(fraction)


@lru_cache(maxsize=1024)
def _second(text: str) -> int | None:
    """Up to the whole second. Cached: all frames of all calls within a second share it."""
    form = _SECOND.fullmatch(text)
    if form is None:
        return None
    year, month, day, hour, minute, second = map(int, form.groups())
    if second > 60:
        return None
    try:
        whole_minute = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
    passed = whole_minute - _EPOCH
    return (passed.days * 86_400 + passed.seconds + second) * SECOND


@lru_cache(maxsize=1024)
def _clock(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()[:19]
