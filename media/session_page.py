"""What stands on the page of one session, gathered in a fixed number of queries however long the call was."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from media.access import Right
from media.encodings import ENCODINGS
from media.figures import age, length, moment, part_of, percent, share, stretch
from media.listing import COLOURS, state_since
from media.models import TICKS_PER_MS, AccessEntry, Connection, Gap, Participant, StreamSession
from media.playback import in_order
from media.shapes import at_ticks, ticks

LISTED_GAPS, LISTED_ENTRIES = 200, 100
ENDINGS = {
    Connection.ClosedBy.PEER: "closed by the other side, with a close frame",
    Connection.ClosedBy.LOST: "broke off without a close frame",
    Connection.ClosedBy.SERVER: "closed by this server",
    Connection.ClosedBy.CRASH: "lost when our process died",
}


@dataclass(frozen=True)
class Lane:
    """A participant's line in the table of coverage; times as people read them."""

    row: Participant
    key: str
    colour: int
    first: str
    speech: str
    expected: str
    stored: str
    missing: str
    share: float
    percent: str


@dataclass(frozen=True)
class GapLine:
    at: str
    clock: datetime
    length: str
    cause: str
    lane: Lane | None


def page(user: User, session: StreamSession) -> dict[str, Any]:
    """The template's context."""
    now = timezone.now()
    participants = in_order(session.participants.all(), session.origin_ticks or 0)
    lanes = [_lane(row, number, session.origin_ticks or 0) for number, row in enumerate(participants)]
    may_see_log = user.has_perm(Right.ACCESS_LOG)
    return {
        "title": str(session),
        "session": session,
        "state_age": age(now - state_since(session)),
        "state_since": state_since(session),
        "length": length(session.duration_ms),
        "audio_from": None if session.origin_ticks is None else at_ticks(session.origin_ticks),
        "lanes": lanes,
        "gap_lines": _gaps(session, lanes),
        "gap_total": stretch(session.gap_ms),
        "frames": _frames(session),
        "connections": [_connection(row) for row in session.connections.defer("timeline")],
        "may_see_log": may_see_log,
        "entries": _entries(session) if may_see_log else [],
        "may_replay": user.has_perm(Right.REPLAY),
        "may_download": user.has_perm(Right.DOWNLOAD),
        "formats": list(ENCODINGS),
        "channel_formats": [kind for kind, encoding in ENCODINGS.items() if len(lanes) <= encoding.most_channels],
    }


def _lane(row: Participant, number: int, origin: int) -> Lane:
    stored, missing = row.stored_ticks // TICKS_PER_MS, row.gap_ticks // TICKS_PER_MS
    return Lane(
        row=row,
        key=str(row.pk),
        colour=number % COLOURS,
        first=moment((row.first_ticks - origin) // TICKS_PER_MS),
        speech=stretch(row.speech_ticks // TICKS_PER_MS),
        expected=stretch(stored + missing),
        stored=stretch(stored),
        missing=stretch(missing) if missing else "–",
        share=share(stored, stored + missing),
        percent=percent(stored, stored + missing),
    )


def _gaps(session: StreamSession, lanes: list[Lane]) -> list[GapLine]:
    by_id: dict[UUID | None, Lane] = {lane.row.pk: lane for lane in lanes}
    return [
        _gap(gap, session.origin_ticks or 0, by_id.get(gap.participant_id)) for gap in session.gaps.all()[:LISTED_GAPS]
    ]


def _gap(gap: Gap, origin: int, lane: Lane | None) -> GapLine:
    start = ticks(gap.position, gap.rate)
    return GapLine(
        at=moment(max(0, start - origin) // TICKS_PER_MS),
        clock=at_ticks(start),
        length="unknown" if gap.samples is None else stretch(ticks(gap.samples, gap.rate) // TICKS_PER_MS),
        cause=gap.get_cause_display(),
        lane=lane,
    )


def _frames(session: StreamSession) -> list[tuple[str, int, str]]:
    """Name, count, and what it means (INTERFACE: counters)."""
    return [
        ("received", session.received, "audio messages read: stored and duplicate together"),
        ("stored", session.stored, "kept, each at its place in time"),
        ("silent", session.silent, "among the stored: flagged silent by ACS"),
        ("late", session.late, "among the stored: came after later ones"),
        ("duplicate", session.duplicate, "came twice and were dropped"),
        ("unreadable", session.malformed, "no ACS message; kept in quarantine"),
        ("other kinds", session.unknown, "messages of a kind that is not known"),
    ]


def _connection(row: Connection) -> dict[str, Any]:
    until = row.closed_at or timezone.now()
    lasted = length(int((until - row.opened_at).total_seconds() * 1000))
    return {"row": row, "lasted": lasted, "ending": ENDINGS.get(Connection.ClosedBy(row.closed_by))}


def _entries(session: StreamSession) -> list[dict[str, Any]]:
    rows = AccessEntry.objects.filter(session_id=session.pk)[:LISTED_ENTRIES]
    return [{"row": row, "part": part_of(row.from_ms, row.to_ms)} for row in rows]
