"""Mid-call callbacks: what ACS posts about a call, of every generation, as values (ACS.md 5.2). Pure.

What the events of one type say beyond that is in readers.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from calls.masking import masked
from calls.webhooks.bodies import entries_of, id_of, object_of, storable, text_of, time_of, whole_of

PREFIX = "Microsoft.Communication."
LONGEST_TYPE = LONGEST_ID = 100

# calling/callConnections/{id}, and in 2022 calling/callConnections/{id}/{EventName}.
_CONNECTION = re.compile(r"(?:^|/)callConnections/([^/]+)(?:/([A-Za-z]+))?/?$", re.IGNORECASE)
_RECORDING = re.compile(r"(?:^|/)recordings/.+/([A-Za-z]+)/?$", re.IGNORECASE)


class Detail(NamedTuple):
    """What the telephone network said: `sipDetails` or `q850Details` of a result."""

    code: int | None
    message: str


class Result(NamedTuple):
    """How it went: `resultInformation`. A code or sub-code that is no number is None."""

    code: int | None
    sub_code: int | None
    message: str
    sip: Detail | None = None
    q850: Detail | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """`type` without prefix, like "CallConnected"; texts that are missing are ""; `data` as it came, save what
    PostgreSQL cannot hold. `at` is ACS's clock, in UTC."""

    id: str
    type: str
    at: datetime | None
    call_connection_id: str
    server_call_id: str
    correlation_id: str
    operation_context: str
    result: Result | None
    data: dict[str, Any]


class Unreadable(NamedTuple):
    """The entry of a batch that is no event; `number` counts from 0."""

    number: int
    why: str


class Batch(NamedTuple):
    """One delivery. A bad entry does not lose the others."""

    events: tuple[Event, ...]
    unreadable: tuple[Unreadable, ...]


def parse_callbacks(body: bytes) -> Batch:
    """A JSON array of CloudEvents or one alone; of several calls and types, in the order in which they came. Raises
    BadEvents where the body is neither."""
    events, unreadable = [], []
    for number, entry in enumerate(entries_of(body)):
        try:
            events.append(_event(entry))
        except ValueError as error:
            unreadable.append(Unreadable(number, str(error)))
    return Batch(tuple(events), tuple(unreadable))


def result_of(data: Mapping[str, Any]) -> Result | None:
    found = object_of(data, "resultInformation")
    if not found:
        return None
    sip, q850 = _detail(found, "sipDetails"), _detail(found, "q850Details")
    return Result(
        whole_of(found, "code"), whole_of(found, "subCode"), masked(text_of(found, "message", 10_000)), sip, q850
    )


def _event(entry: Any) -> Event:
    """Raises ValueError with what is wrong with it."""
    if not isinstance(entry, dict):
        raise ValueError("it is no object")
    entry = storable(entry)
    data = entry.get("data")
    if not isinstance(data, dict):
        raise ValueError("its data is no object" if data is not None else "it has no data")
    places = [text_of(part, key) for part, key in _places(entry, data)]
    return Event(
        id=id_of(entry),
        type=_type(entry, data, places),
        at=time_of(entry, "time") or time_of(data, "time"),
        call_connection_id=text_of(data, "callConnectionId", LONGEST_ID) or _named(places, _CONNECTION, 1),
        server_call_id=text_of(data, "serverCallId", 10_000),
        correlation_id=text_of(data, "correlationId", LONGEST_ID),
        operation_context=text_of(data, "operationContext", 10_000),
        result=result_of(data),
        data=data,
    )


def _places(entry: dict[str, Any], data: dict[str, Any]) -> tuple[tuple[dict[str, Any], str], ...]:
    """Where an event may say which call it is about, besides its fields."""
    return (entry, "source"), (entry, "subject"), (data, "eventSource"), (data, "source"), (data, "subject")


def _type(entry: dict[str, Any], data: dict[str, Any], places: list[str]) -> str:
    full = text_of(entry, "type") or text_of(data, "publicEventType") or text_of(data, "type")
    found = full.strip().removeprefix(PREFIX) or _named(places, _CONNECTION, 2) or _named(places, _RECORDING, 1)
    if not found:
        raise ValueError("nothing says of which type it is")
    if len(found) > LONGEST_TYPE:
        raise ValueError(f"its type has more than {LONGEST_TYPE} characters")
    return found


def _named(places: list[str], pattern: re.Pattern[str], group: int) -> str:
    found = (match.group(group) or "" for place in places if (match := pattern.search(place)))
    return next((name for name in found if 0 < len(name) <= LONGEST_ID), "")


def _detail(found: dict[str, Any], key: str) -> Detail | None:
    detail = object_of(found, key)
    return Detail(whole_of(detail, "code"), text_of(detail, "message")) if detail else None
