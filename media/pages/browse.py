"""The list of sessions as a page: the filters of the REST API, rows, and which of them the reader has heard; a fixed
number of queries. Knows nothing of requests but the query."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.http import urlencode

from calls.pages.bodies import BadForm, checked, filled
from media.access import sessions_for
from media.api.lists import NEWEST
from media.models import AccessEntry, StreamSession
from media.pages.listing import rows
from media.sessions.search import SessionQuery, narrow

LISTED = 50
TEXTS = ("q", "participant", "tag", "started_after", "started_before", "call_id", "call_connection_id")
CHOSEN = ("min_duration_ms", "max_duration_ms", "has_gaps", "has_errors", "live")
SINGLE = (*TEXTS, *CHOSEN, "cursor")
LENGTHS = (("10000", "10 s"), ("60000", "1 min"), ("600000", "10 min"), ("3600000", "1 h"))
YES_NO = (("true", "yes"), ("false", "no"))
SELECTS = (
    ("min_duration_ms", "Length at least", LENGTHS),
    ("max_duration_ms", "Length at most", LENGTHS),
    ("has_gaps", "Has gaps", YES_NO),
    ("has_errors", "Has errors", YES_NO),
    ("live", "Live", YES_NO),
)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A filter with a few values, or any."""

    name: str
    label: str
    choices: list[Choice]


def asked(given: QueryDict) -> dict[str, Any]:
    """The filters that are set."""
    states = [state for state in given.getlist("state") if state]
    return filled(given, *SINGLE) | ({"state": states} if states else {})


def page(user: User, given: QueryDict) -> dict[str, Any]:
    """The template's context. A filter that cannot be read is said at its field, and nothing is listed: a list that
    ignores it would be another one than was asked for."""
    wanted = asked(given)
    faults: dict[str, str] = {}
    found: list[StreamSession] = []
    after = None
    try:
        query = checked(SessionQuery, {**wanted, "limit": LISTED})
        rows_of = narrow(sessions_for(user), query).prefetch_related("participants")
        found, after = NEWEST.page(rows_of, query.cursor, LISTED)
    except BadForm as bad:
        faults = bad.faults
    narrowing = {name: value for name, value in wanted.items() if name != "cursor"}
    return {
        "rows": rows(found),
        "heard": heard(user, [session.pk for session in found]),
        "faults": faults,
        "given": {name: given.get(name, "") for name in TEXTS},
        "states": _choices(StreamSession.State.choices, wanted.get("state", [])),
        "selects": [Select(name, label, _choices(choices, [given.get(name, "")])) for name, label, choices in SELECTS],
        "filtered": bool(narrowing),
        "panel_open": bool(set(narrowing) - {"q"}),
        "query": f"?{urlencode(narrowing, doseq=True)}" if narrowing else "",
        "older": f"?{urlencode({**narrowing, 'cursor': after}, doseq=True)}" if after else "",
        "first": "cursor" not in wanted,
    }


def heard(user: User, sessions: list[UUID]) -> set[UUID]:
    """Those that `user` has listened to, live or later."""
    listened = (AccessEntry.Action.REPLAY, AccessEntry.Action.HEAR_LIVE)
    entries = AccessEntry.objects.filter(session_id__in=sessions, username=user.get_username(), action__in=listened)
    return set(entries.order_by().values_list("session_id", flat=True).distinct())


def _choices(choices: Any, chosen: list[str]) -> list[Choice]:
    return [Choice(value, str(label).lower(), value in chosen) for value, label in choices]
