"""What stands on the page of one call, in a fixed number of queries however long it lasted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet

from calls.access import Right, calls_for
from calls.identifiers import display_of, kind_of
from calls.models import Call, CallParticipant, Prompt
from calls.pages import commands, states, timeline
from calls.pages.names import Names, heading, names_in
from calls.pages.possible_actions import possible, possible_with
from calls.services.control import TRANSFER_ENDS, TRANSFER_OF_ONE

MOST_RELATED = 20


@dataclass(frozen=True, slots=True)
class Person:
    """`actions`: what can be done with them, each with the command line that does the same."""

    row: CallParticipant
    name: str
    shown: str
    kind: str
    actions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Leg:
    call: Call
    heading: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """“Add, then leave”: how far it is. `refused`: why they do not come."""

    who: str
    name: str
    joined: bool
    refused: str


def with_links(calls: QuerySet[Call]) -> QuerySet[Call]:
    return calls.select_related("created_by").prefetch_related("participants", "sessions")


def page(user: User, call: Call, api: str, leave_after: str = "") -> dict[str, Any]:
    """The template's context; `call` comes from with_links. `api`: its address there. `leave_after`: for whom one waits
    before one leaves."""
    events = timeline.events_of(call)
    people = list(call.participants.all())
    related = _related(user, call)
    present = [person.raw_id for person in people if not person.left_at]
    several = len(present) > 1
    asked = timeline.invited(events, set(present))
    names = names_in([call, *related], [*(person.raw_id for person in people), *(one.raw_id for one in asked)])
    can = possible(call, user.has_perm(Right.CONTROL), bool(present))
    return {
        "call": call,
        "heading": heading(call, names),
        "standing": states.standing(call, states.turns([call])),
        "announced": states.announced(call),
        "caller": names.of(call.from_id) if call.from_id else "",
        "callees": names.listed(call.to),
        "transferred_to": names.of(call.transferred_to) if call.transferred_to else "",
        "people": [_person(row, names, can, api) for row in people],
        "commands": commands.of_call(api, present[0] if several else ""),
        "invited": [(names.of(one.raw_id), one.refused) for one in asked],
        "sessions": _sessions(call),
        "related": [Leg(leg, heading(leg, names)) for leg in related],
        "lines": [timeline.line(event) for event in events],
        "unchanged": timeline.unchanged(call),
        "cut": len(events) == timeline.LISTED,
        "can": can,
        "several": several,
        "may_name": user.has_perm(Right.NAME),
        "leaving": _leaving(leave_after, names, present, asked) if "leave" in can and leave_after else None,
        **choices(),
    }


def choices() -> dict[str, Any]:
    """What forms offer, and what they warn of."""
    return {
        "sounds": list(Prompt.objects.values_list("name", flat=True)),
        "may_speak": bool(settings.ACS_COGNITIVE_ENDPOINT),
        "caller_id": str(settings.ACS_CALLER_ID),
        "transfer_ends": TRANSFER_ENDS,
        "transfer_of_one": TRANSFER_OF_ONE,
    }


def _person(row: CallParticipant, names: Names, can: frozenset[str], api: str) -> Person:
    name = names.known.get(display_of(row.raw_id)) or row.name
    offered = tuple((action, commands.of_person(api, row.raw_id, action)) for action in possible_with(row, can))
    return Person(row, name, display_of(row.raw_id), kind_of(row.raw_id), offered)


def _sessions(call: Call) -> list[Any]:
    """Rows of another app, which knows this one."""
    return sorted(call.sessions.all(), key=lambda session: session.started_at)


def _related(user: User, call: Call) -> list[Call]:
    """The other legs of the conversation; both sides of a call share a correlation id (ACS.md 5.2)."""
    if not call.correlation_id:
        return []
    return list(calls_for(user).filter(correlation_id=call.correlation_id).exclude(pk=call.pk)[:MOST_RELATED])


def _leaving(who: str, names: Names, present: Iterable[str], asked: Sequence[timeline.Invited]) -> Leaving:
    here = {display_of(raw_id) for raw_id in present}
    refused = next((one.refused for one in asked if display_of(one.raw_id) == display_of(who)), "")
    return Leaving(who, names.of(who), display_of(who) in here, refused)
