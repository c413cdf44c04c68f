"""Quiet hours: `22:00-07:00`, with a time zone after it where it is not UTC (`22:00-07:00 Europe/Berlin`). Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from zoneinfo import ZoneInfo

_FORM = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)(?: ([\w/+-]+))?")


@dataclass(frozen=True, slots=True)
class QuietHours:
    begin: time
    end: time
    zone: tzinfo

    def __contains__(self, moment: datetime) -> bool:
        here = moment.astimezone(self.zone).time()
        if self.begin <= self.end:
            return self.begin <= here < self.end
        return here >= self.begin or here < self.end


def quiet_hours(text: str) -> QuietHours | None:
    """None for "". Raises ValueError with what would do."""
    if not text:
        return None
    found = _FORM.fullmatch(text.strip())
    try:
        if found:
            first, second = (time(int(found[n]), int(found[n + 1])) for n in (1, 3))
            return QuietHours(first, second, ZoneInfo(found[5] or "UTC"))
    except (ValueError, KeyError, OSError):
        pass
    raise ValueError(f"{text!r} is no time of day like 22:00-07:00 or 22:00-07:00 Europe/Berlin.")
