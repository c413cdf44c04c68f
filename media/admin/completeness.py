"""Of the calls that connected, day by day: recorded whole, in part, not at all, and why. Witnesses are our own events
and, independently of them, Event Grid's word that a call started."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

OURS = ("socket_lost", "server_stopped", "overload", "malformed")
"""Gaps that took something away which was said; silence of the sender and a stream that was stopped on purpose did
not."""

WANTED = Q(call__connected_at__isnull=False) & (Q(call__streaming_wanted=True) | Q(call__announcement="failed"))
NOTHING_CAPTURED = Q(live=False, stored=0) & (Q(call=None) | WANTED)
"""Sessions that should hold sound, and hold none: a call that nobody took, or was not to be recorded, had none to
lose."""

NEVER_CAME = "No audio ever came: "
ASKED = re.compile(r"^Audio lost, asked (again|\d+ times)( \(\d+\))?[.:] ")

CONNECTED = """
SELECT date(k.connected_at AT TIME ZONE 'UTC') AS day,
  CASE
    WHEN COALESCE(s.stored, 0) > 0 AND NOT s.torn THEN 'whole'
    WHEN COALESCE(s.stored, 0) > 0 THEN 'part'
    WHEN EXISTS (SELECT 1 FROM media_tombstone t WHERE t.call_id = k.id) THEN 'deleted'
    WHEN NOT k.streaming_wanted AND k.announcement <> 'failed' THEN 'unwanted'
    ELSE 'missing' END AS verdict,
  CASE WHEN COALESCE(s.stored, 0) = 0 THEN COALESCE(s.reason, '') ELSE COALESCE(s.causes, '') END AS why,
  count(*)
FROM calls_call k LEFT JOIN LATERAL (
  SELECT sum(m.stored) AS stored, max(m.reason) AS reason,
    bool_or(EXISTS (SELECT 1 FROM media_gap g WHERE g.session_id = m.id AND g.cause = ANY(%(ours)s))) AS torn,
    string_agg(DISTINCT (SELECT string_agg(DISTINCT g.cause, ', ') FROM media_gap g
      WHERE g.session_id = m.id AND g.cause = ANY(%(ours)s)), ', ') AS causes
  FROM media_streamsession m WHERE m.call_id = k.id) s ON TRUE
WHERE k.connected_at >= %(since)s
GROUP BY 1, 2, 3
"""
UNKNOWN = """
SELECT date(w.at AT TIME ZONE 'UTC'), count(*) FROM calls_witness w
WHERE w.kind = 'CallStarted' AND w.at >= %(since)s AND w.correlation_id <> ''
  AND NOT EXISTS (SELECT 1 FROM calls_call k WHERE k.correlation_id = w.correlation_id)
GROUP BY 1
"""


@dataclass(slots=True)
class Day:
    """`unwanted`: streaming was never asked for. `deleted`: somebody deleted the recording since, so nobody knows any
    more whether it was whole. `unknown`: calls of the resource that Event Grid tells of and this
    installation has no part in. `why`: reasons of what is missing, with how often."""

    day: date
    whole: int = 0
    part: int = 0
    missing: int = 0
    unwanted: int = 0
    deleted: int = 0
    unknown: int = 0
    why: Counter[str] = field(default_factory=Counter)

    @property
    def connected(self) -> int:
        return self.whole + self.part + self.missing + self.unwanted + self.deleted


def days(count: int = 14, now: datetime | None = None) -> list[Day]:
    """The last `count` days (UTC), the oldest first, today last."""
    today = (now or timezone.now()).date()
    found = {day: Day(day) for day in (today - timedelta(days=back) for back in reversed(range(count)))}
    since = today - timedelta(days=count - 1)
    with connection.cursor() as cursor:
        cursor.execute(CONNECTED, {"since": since, "ours": list(OURS)})
        for day, verdict, why, number in cursor.fetchall():
            row = found.setdefault(day, Day(day))
            setattr(row, verdict, getattr(row, verdict) + number)
            if why and verdict in {"part", "missing"}:
                row.why[_cause(why)] += number
        cursor.execute(UNKNOWN, {"since": since})
        for day, number in cursor.fetchall():
            found.setdefault(day, Day(day)).unknown = number
    return [found[day] for day in sorted(found)]


def _cause(why: str) -> str:
    """Without who ended the call, and how often ACS was asked, so that the same trouble is one line."""
    return ASKED.sub("", why.partition(NEVER_CAME)[2] or why)
