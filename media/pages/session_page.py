"""What stands on the page of one session, gathered in a fixed number of queries however long the call was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, Prefetch, prefetch_related_objects
from django.utils import timezone

from media.access import Right, sessions_for
from media.api.shapes import at_ticks, ticks
from media.audio.encodings import ENCODINGS
from media.audio.playback import in_order
from media.audio.talking import talk_of
from media.humanize import age, length, moment, part_of, percent, share, stretch
from media.models import TICKS_PER_MS, AccessEntry, Connection, Gap, Participant, StreamSession
from media.pages.listing import COLOURS, state_since
from media.pages.story import story
from media.sessions.doubt import doubt
from media.sessions.figures_now import freshen
from media.sessions.titles import title_of, titles

LISTED_GAPS, LISTED_ENTRIES, READ_ENTRIES, MOST_RELATED = 200, 100, 1000, 20
HEARD = {AccessEntry.Action.REPLAY, AccessEntry.Action.HEAR_LIVE, AccessEntry.Action.DOWNLOAD}
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
    received: str
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
    connections = Prefetch("connections", queryset=Connection.objects.defer("timeline"))
    prefetch_related_objects([session], "participants", connections)
    ahead = freshen(session)
    doubt([session])
    participants = in_order(session.participants.all(), session.origin_ticks or 0)
    lanes = [_lane(row, number, session.origin_ticks or 0) for number, row in enumerate(participants)]
    may_see_log = user.has_perm(Right.ACCESS_LOG)
    return {
        "title": title_of(session) if session.label else str(session),
        "session": session,
        "state_age": age(now - state_since(session)),
        "state_since": state_since(session),
        "length": length(session.duration_ms),
        "audio_from": None if session.origin_ticks is None else at_ticks(session.origin_ticks),
        "lanes": lanes,
        "gap_lines": _gaps(session, lanes, ahead),
        "gap_total": stretch(session.gap_ms),
        "frames": _frames(session),
        "connections": [_connection(row) for row in session.connections.all()],
        "may_see_log": may_see_log,
        "entries": _entries(session) if may_see_log else [],
        "related": _related(user, session),
        "may_replay": user.has_perm(Right.REPLAY),
        **_told(user, session),
        **_forms(user, len(lanes)),
    }


def short(user: User, session: StreamSession) -> dict[str, Any]:
    """The context of a preview: what the player and its downloads need, and what people wrote."""
    doubt([session])
    participants = in_order(session.participants.all(), session.origin_ticks or 0)
    return {
        "title": title_of(session),
        "session": session,
        "lanes": [{"row": row, "key": str(row.pk)} for row in participants],
        "may_replay": user.has_perm(Right.REPLAY),
        **_forms(user, len(participants)),
        **written(user, session),
    }


def _forms(user: User, lanes: int) -> dict[str, Any]:
    """In what form the session can be taken away."""
    fitting = [kind for kind, encoding in ENCODINGS.items() if lanes <= encoding.most_channels]
    return {"may_download": user.has_perm(Right.DOWNLOAD), "formats": list(ENCODINGS), "channel_formats": fitting}


def _related(user: User, session: StreamSession) -> list[tuple[StreamSession, str]]:
    """Recordings of the other legs of the conversation, and what they are called."""
    if not session.correlation_id:
        return []
    others = sessions_for(user).filter(correlation_id=session.correlation_id).exclude(pk=session.pk)
    found = list(others.order_by("started_at", "id")[:MOST_RELATED])
    names = titles(found)
    return [(other, names[other.pk]) for other in found]


def _told(user: User, session: StreamSession) -> dict[str, Any]:
    lines, count = story(user, session)
    return {"story": lines, "story_count": count}


def written(user: User, session: StreamSession) -> dict[str, Any]:
    """Notes and tags; `mine` are those that `user` may take back."""
    may_annotate = user.has_perm(Right.ANNOTATE)
    every = user.has_perm(Right.DELETE)
    notes = [
        {
            "pk": note.pk,
            "at_ms": note.at_ms,
            "moment": "" if note.at_ms is None else moment(note.at_ms),
            "text": note.text,
            "username": note.username,
            "created_at": note.created_at,
            "mine": may_annotate and (every or note.username == user.get_username()),
        }
        for note in session.notes.all()
    ]
    return {"notes": notes, "tags": list(session.tags.all()), "may_annotate": may_annotate}


def talk(session: StreamSession) -> dict[str, Any]:
    """Who talked how much; times as people read them."""
    participants = in_order(session.participants.all(), session.origin_ticks or 0)
    found = talk_of(session, participants)
    lanes = [
        {
            "name": str(row),
            "colour": number % COLOURS,
            "share": spoken.share * 100,
            "speech": stretch(spoken.speech_ms),
            "longest": spoken.longest_ms and stretch(spoken.longest_ms),
            "longest_at": moment(spoken.longest_at_ms),
            "responses": spoken.responses,
            "response": None if spoken.response_ms is None else stretch(spoken.response_ms),
        }
        for number, (row, spoken) in enumerate(zip(participants, found.lanes, strict=True))
    ]
    return {"lanes": lanes, "overlap": stretch(found.overlap_ms), "silence": stretch(found.silence_ms)}


def _lane(row: Participant, number: int, origin: int) -> Lane:
    stored, missing = row.stored_ticks // TICKS_PER_MS, row.gap_ticks // TICKS_PER_MS
    return Lane(
        row=row,
        key=str(row.pk),
        colour=number % COLOURS,
        first=moment((row.first_ticks - origin) // TICKS_PER_MS),
        speech=stretch(row.speech_ticks // TICKS_PER_MS),
        expected=stretch(stored + missing),
        received=stretch(stored + row.duplicate_ticks // TICKS_PER_MS),
        stored=stretch(stored),
        missing=stretch(missing) if missing else "–",
        share=share(stored, stored + missing),
        percent=percent(stored, stored + missing),
    )


def _gaps(session: StreamSession, lanes: list[Lane], ahead: Sequence[Gap]) -> list[GapLine]:
    """The longest, in the order of time; of unknown length is longest. `ahead`: those that are not archived yet, the
    last ones of each lane."""
    by_id: dict[UUID | None, Lane] = {lane.row.pk: lane for lane in lanes}
    gaps = list(session.gaps.order_by(F("samples").desc(nulls_first=True), "position", "id")[:LISTED_GAPS])
    stored = {(gap.participant_id, gap.position) for gap in gaps}
    gaps += [gap for gap in ahead if (gap.participant_id, gap.position) not in stored]
    gaps.sort(key=lambda gap: gap.samples / gap.rate if gap.samples else inf, reverse=True)
    listed = sorted(gaps[:LISTED_GAPS], key=lambda gap: ticks(gap.position, gap.rate))
    return [_gap(gap, session.origin_ticks or 0, by_id.get(gap.participant_id)) for gap in listed]


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
    """The newest first; what somebody heard in a row (a player fetches it piece by piece) is one line."""
    lines: list[dict[str, Any]] = []
    for row in AccessEntry.objects.filter(session_id=session.pk)[:READ_ENTRIES]:
        last = lines[-1] if lines else None
        if last and row.from_ms is not None and _continues(row, last["row"], last["from_ms"]):
            last["from_ms"] = row.from_ms
        else:
            lines.append({"row": row, "from_ms": row.from_ms, "to_ms": row.to_ms})
    for line in lines:
        line["part"] = part_of(line["from_ms"], line["to_ms"])
        line["heard"] = line["row"].action in HEARD and line["from_ms"] is not None
    return lines[:LISTED_ENTRIES]


def _continues(earlier: AccessEntry, later: AccessEntry, later_from: int | None) -> bool:
    same = (earlier.username, earlier.action, earlier.via) == (later.username, later.action, later.via)
    return same and earlier.action == AccessEntry.Action.REPLAY and earlier.to_ms == later_from
