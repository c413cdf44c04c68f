"""The telephone calls of the board: those that ring here, and those in progress, in the words of the pages of calls."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from calls.identifiers import display_of
from calls.models import Call, IncomingCall
from calls.pages.names import Names, heading, names_in
from calls.pages.possible_actions import possible
from calls.pages.states import PENDING, sound_of

NOTE_SHOWN = 80
ON_THE_BOARD = ("stop-streaming", "start-streaming", "hangup")


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call in progress. `sound`: how it stands with its recording, `tone`: good, wait, warn or quiet. `can`: what can
    be done with it from the board, by those who may."""

    id: UUID
    heading: str
    state: str
    pending: str
    sound: str
    tone: str
    can: tuple[str, ...]
    created_at: datetime
    connected_at: datetime | None
    note: str = ""  # the beginning of it


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """A call that rings here and that somebody may answer until `expires_at`."""

    id: UUID
    heading: str
    received_at: datetime
    expires_at: datetime


def in_progress() -> dict[UUID, CallRow]:
    rows = list(Call.objects.exclude(state__in=Call.OVER).order_by("created_at", "id"))
    names = names_in(rows)
    found = {}
    for row in rows:
        tone, sound = sound_of(row)
        pending = PENDING.get(Call.State(row.state), "")
        title = heading(row, names)
        can = tuple(action for action in ON_THE_BOARD if action in possible(row, may_control=True, anybody=False))
        since = row.created_at, row.connected_at
        found[row.pk] = CallRow(row.pk, title, row.state, pending, sound, tone, can, *since, row.note[:NOTE_SHOWN])
    return found


def ringing() -> dict[UUID, IncomingRow]:
    waiting = IncomingCall.objects.filter(state=IncomingCall.State.RINGING, expires_at__gt=timezone.now())
    rows = list(waiting.order_by("received_at", "id"))
    names = names_in([], [each for row in rows for each in (row.from_raw_id, row.to_raw_id)])
    return {
        row.pk: IncomingRow(row.pk, _ringing(row, names.of(row.from_raw_id), names), row.received_at, row.expires_at)
        for row in rows
    }


def _ringing(row: IncomingCall, caller: str, names: Names) -> str:
    known = caller if caller != display_of(row.from_raw_id) else row.display_name or caller
    return f"{known} calls {names.of(row.to_raw_id)}"
