"""What the board reads from the database, once a second while somebody watches, and at once when a call changes: a
fixed number of questions, however many calls there are."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection

from calls.models import Call, CallParticipant
from calls.pages.possible_actions import silencing
from calls.services.naming import names_of
from media.live.calls_now import CallRow, IncomingRow, in_progress, ringing
from media.models import Connection, Participant, StreamSession
from media.sessions.doubt import doubt
from media.sessions.titles import name_of
from media.stream.levels import SPEECH_DBFS

WINDOW_MS = 20
CHUNKS_BACK = 12


@dataclass(frozen=True, slots=True)
class LaneRow:
    id: UUID
    raw_id: str | None
    kind: str
    label: str


@dataclass(slots=True)
class SessionRow:
    """One session as the board shows it. `since`: of its state. By raw id: `quiet`, why somebody is not heard, and
    `can`, what can be done with them."""

    id: UUID
    name: str
    state: str
    reason: str
    started_at: datetime
    since: datetime
    channels: str
    call: UUID | None
    lanes: list[LaneRow] = field(default_factory=list)
    connections: frozenset[UUID] = frozenset()
    quiet: dict[str, str] = field(default_factory=dict)
    can: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    sessions: dict[UUID, SessionRow]
    calls: dict[UUID, CallRow]
    incoming: dict[UUID, IncomingRow]


def look() -> Look:
    """Everything that is running now."""
    running = StreamSession.objects.filter(live=True).exclude(state__in=StreamSession.FINAL)
    rows = list(running.order_by("started_at", "id"))
    doubt(rows)
    sessions = {row.pk: _session(row) for row in rows}
    for lane in Participant.objects.filter(session__in=sessions).order_by("first_ticks", "raw_id"):
        sessions[lane.session_id].lanes.append(LaneRow(lane.pk, lane.raw_id, lane.kind, lane.label))
    opened = Connection.objects.filter(session__in=sessions, closed_at=None).values_list("session_id", "id")
    for session_id, connection_id in opened:
        sessions[session_id].connections |= {connection_id}
    there = CallParticipant.objects.filter(call__sessions__in=sessions, left_at=None)
    people = there.values_list("call__sessions", "raw_id", "is_on_hold", "is_muted", "call__state")
    for session_id, raw_id, is_on_hold, is_muted, state in people:
        if session_id in sessions:
            _note_person(sessions[session_id], raw_id, is_on_hold, is_muted, state)
    return Look(sessions, in_progress(), ringing())


def _note_person(session: SessionRow, raw_id: str, is_on_hold: bool, is_muted: bool, state: str) -> None:
    if is_on_hold or is_muted:
        session.quiet[raw_id] = "on hold" if is_on_hold else "muted"
    if state == Call.State.CONNECTED:
        session.can[raw_id] = silencing(is_muted, is_on_hold)


def _session(row: StreamSession) -> SessionRow:
    since = (row.last_frame_at if row.state == StreamSession.State.NO_AUDIO else None) or row.started_at
    return SessionRow(row.pk, name_of(row), row.state, row.reason, row.started_at, since, row.channels, row.call_id)


def ends_of(session_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """State and reason of those that are over; a session that is gone was deleted."""
    wanted = set(session_ids)
    rows = StreamSession.objects.filter(id__in=wanted).values_list("id", "state", "reason")
    found = {session_id: (state, reason) for session_id, state, reason in rows}
    over = {key: each for key, each in found.items() if each[0] in StreamSession.FINAL}
    return {**over, **dict.fromkeys(wanted - set(found), ("deleted", "This session was deleted."))}


def connections_of(session_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """The open sockets of each session."""
    found: dict[UUID, frozenset[UUID]] = {session_id: frozenset() for session_id in session_ids}
    for session_id, connection_id in Connection.objects.filter(session__in=found, closed_at=None).values_list(
        "session_id", "id"
    ):
        found[session_id] |= {connection_id}
    return found


def names_of_lanes(lanes: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], str]:
    """What the people of lanes are called (session and raw id of each) that have no row yet: by the address book, else
    as their call says."""
    book = names_of({raw_id for _, raw_id in lanes})
    called = CallParticipant.objects.filter(call__sessions__in={session for session, _ in lanes}).exclude(name="")
    said = {(session, raw_id): name for session, raw_id, name in called.values_list("call__sessions", "raw_id", "name")}
    found = {lane: book.get(lane[1]) or said.get(lane, "") for lane in lanes}
    return {lane: name for lane, name in found.items() if name}


def last_speech(lanes: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each lane last spoke, from its newest stored levels; where it did not in them: when they begin, so at least
    so long ago."""
    sql = """SELECT lane, position, rate, levels FROM unnest(%s::uuid[]) AS lane CROSS JOIN LATERAL
               (SELECT position, rate, levels FROM media_audiochunk WHERE participant_id = lane
                ORDER BY position DESC LIMIT %s) AS chunk"""
    found: dict[UUID, datetime] = {}
    spoke: set[UUID] = set()
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(lanes), CHUNKS_BACK])
        for lane, position, rate, levels in cursor.fetchall():
            if lane in spoke:
                continue
            began = datetime.fromtimestamp(position / rate, UTC)
            loud = [index for index, level in enumerate(bytes(levels)) if level < -SPEECH_DBFS]
            if loud:
                spoke.add(lane)
            found[lane] = began + timedelta(milliseconds=WINDOW_MS * (loud[-1] + 1 if loud else 0))
    return found
