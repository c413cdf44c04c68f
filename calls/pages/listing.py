"""Calls as rows of a list: filters as the REST API has them, values for templates; a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.http import urlencode

from calls.access import calls_for
from calls.models import Call
from calls.pages import states
from calls.pages.bodies import BadForm, checked, filled
from calls.pages.names import heading, names_in
from calls.search import NEWEST, CallQuery, narrow

LISTED = 50
SEVERAL = ("state", "direction")
SINGLE = ("q", "created_after", "created_before", "call_connection_id", "correlation_id", "cursor")
UNKNOWN = "There is no such filter; there are: {}."


@dataclass(frozen=True, slots=True)
class Row:
    call: Call
    heading: str
    other: str
    standing: states.Standing
    session: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter that may be chosen several times."""

    value: str
    label: str
    chosen: bool


def page(user: User, given: QueryDict) -> dict[str, Any]:
    """The template's context. A filter that cannot be read is said at its field, and nothing is listed: a list that
    ignores it would be another one than was asked for."""
    asked = _asked(given)
    faults: dict[str, str] = {}
    rows: list[Row] = []
    after = None
    try:
        query = wanted(given)
        calls, after = NEWEST.page(narrow(calls_for(user), query).prefetch_related("sessions"), query.cursor, LISTED)
        rows = _rows(calls)
    except BadForm as bad:
        faults = bad.faults
    narrowing = {name: value for name, value in asked.items() if name != "cursor"}
    return {
        "rows": rows,
        "faults": faults,
        "given": {name: given.get(name, "") for name in SINGLE},
        "states": _choices(Call.State.choices, asked.get("state", [])),
        "directions": _choices(Call.Direction.choices, asked.get("direction", [])),
        "filtered": bool(narrowing),
        "panel_open": bool(set(narrowing) - {"q"}),
        "query": f"?{urlencode(narrowing, doseq=True)}" if narrowing else "",
        "older": f"?{urlencode({**narrowing, 'cursor': after}, doseq=True)}" if after else "",
        "first": "cursor" not in asked,
    }


def wanted(given: QueryDict) -> CallQuery:
    """Raises BadForm: also for a misspelt filter, which would show what was not asked for."""
    if unknown := set(given) - set(CallQuery.model_fields):
        raise BadForm(dict.fromkeys(unknown, UNKNOWN.format(", ".join((*SEVERAL, *SINGLE[:-1])))))
    return checked(CallQuery, {**_asked(given), "limit": LISTED})


def _asked(given: QueryDict) -> dict[str, Any]:
    found = filled(given, *SINGLE)
    return found | {name: values for name in SEVERAL if (values := [each for each in given.getlist(name) if each])}


def _choices(choices: list[tuple[str, str]], chosen: list[str]) -> list[Choice]:
    return [Choice(value, str(label).lower(), value in chosen) for value, label in choices]


def _rows(calls: list[Call]) -> list[Row]:
    names, turned = names_in(calls), states.turns(calls)
    return [
        Row(call, heading(call, names), _other(call, names), states.standing(call, turned), _session(call))
        for call in calls
    ]


def _other(call: Call, names: Any) -> str:
    """The side that the heading does not name."""
    if call.direction == Call.Direction.INBOUND:
        return f"to {names.listed(call.to)}"
    return f"from {names.of(call.from_id)}" if call.from_id else ""


def _session(call: Call) -> Any:
    """The newest of its sessions; a row of another app."""
    return max(call.sessions.all(), key=lambda session: session.started_at, default=None)
