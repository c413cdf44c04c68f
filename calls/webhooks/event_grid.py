"""Event Grid: handshakes, incoming calls, and its own word that calls began and ended (ACS.md 5.1). Both schemas: Event
Grid's own (an array) and CloudEvents (one, or an array). Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from calls.identifiers import raw_id_of
from calls.webhooks.bodies import entries_of, id_of, milliseconds_of, object_of, storable, text_of, time_of
from calls.webhooks.events import LONGEST_ID, LONGEST_TYPE, PREFIX, Unreadable

VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
# A real one has 7 to 8 kB.
LONGEST_CONTEXT = 100_000

_SUBJECT = re.compile(r"/caller/(.+)/recipient/([^/]+)/?")
_ORIGIN = re.compile(r"[A-Za-z0-9*](?:[A-Za-z0-9.:-]{0,253})")
_RATE = re.compile(r"[0-9]{1,9}|\*")


class Handshake(NamedTuple):
    """Event Grid asks whether this webhook wants its events: `answer`, with status 200, says yes."""

    code: str

    @property
    def answer(self) -> dict[str, str]:
        return {"validationResponse": self.code}


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """Somebody calls us. `event_id` is the same in every retry. `on_behalf_of`: whom the caller dialled, where the call
    was passed on to us. `custom_context`: `sipHeaders` and `voipHeaders`, as they came."""

    event_id: str
    at: datetime | None
    to_raw: str
    from_raw: str
    display_name: str
    server_call_id: str
    correlation_id: str
    incoming_call_context: str
    on_behalf_of: str
    custom_context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Witness:
    """A call began or ended, said by another part of the service than the one that sends callbacks. `raw`: what it
    says, as it came."""

    event_id: str
    kind: Literal["CallStarted", "CallEnded"]
    at: datetime | None
    server_call_id: str
    correlation_id: str
    duration_ms: int | None
    raw: dict[str, Any]


class GridBatch(NamedTuple):
    """One delivery. `others`: the types of events that are nothing to us."""

    incoming: tuple[IncomingCall, ...]
    witnesses: tuple[Witness, ...]
    others: tuple[str, ...]
    unreadable: tuple[Unreadable, ...]


def parse_grid(body: bytes, headers: Mapping[str, str]) -> Handshake | GridBatch:
    """What a POST of Event Grid wants. Raises BadEvents where it is no JSON."""
    entries = entries_of(body)
    if code := _validation_code(entries, _header(headers, "aeg-event-type")):
        return Handshake(code)
    found: list[IncomingCall | Witness] = []
    others, unreadable = [], []
    for number, entry in enumerate(entries):
        try:
            event = _event(entry)
        except ValueError as error:
            unreadable.append(Unreadable(number, str(error)))
            continue
        others.append(event) if isinstance(event, str) else found.append(event)
    incoming = tuple(event for event in found if isinstance(event, IncomingCall))
    witnesses = tuple(event for event in found if isinstance(event, Witness))
    return GridBatch(incoming, witnesses, tuple(others), tuple(unreadable))


def allowed(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that answer the handshake of CloudEvents, an OPTIONS request, with status 200; none where the request
    is no handshake."""
    origin, rate = _header(headers, "webhook-request-origin"), _header(headers, "webhook-request-rate")
    if not _ORIGIN.fullmatch(origin):
        return {}
    answer = {"WebHook-Allowed-Origin": origin, "Allow": "OPTIONS, POST"}
    return answer | ({"WebHook-Allowed-Rate": rate} if _RATE.fullmatch(rate) else {})


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value.strip() for key, value in headers.items() if key.lower() == name), "")


def _validation_code(entries: list[Any], said: str) -> str:
    """A validation comes alone; the header says so, or where a proxy lost it the event's type."""
    if len(entries) != 1 or said.lower() not in {"subscriptionvalidation", ""}:
        return ""
    kind = text_of(entries[0], "eventType") or text_of(entries[0], "type")
    return text_of(object_of(entries[0], "data"), "validationCode") if kind == VALIDATION else ""


def _event(entry: Any) -> IncomingCall | Witness | str:
    """The type alone where the event is nothing to us. Raises ValueError with what is wrong with it."""
    if not isinstance(entry, dict):
        raise ValueError("it is no object")
    entry = storable(entry)
    kind = (text_of(entry, "eventType") or text_of(entry, "type")).strip().removeprefix(PREFIX)
    if not kind or len(kind) > LONGEST_TYPE:
        raise ValueError("nothing says of which type it is" if not kind else "its type is too long")
    if kind == "IncomingCall":
        return _incoming(entry, _data(entry))
    if kind == "CallStarted":
        return _witness(entry, _data(entry), "CallStarted")
    if kind == "CallEnded":
        return _witness(entry, _data(entry), "CallEnded")
    return kind


def _data(entry: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(entry.get("data"), dict):
        raise ValueError("its data is no object")
    return object_of(entry, "data")


def _at(entry: dict[str, Any]) -> datetime | None:
    return time_of(entry, "eventTime") or time_of(entry, "time")


def _incoming(entry: dict[str, Any], data: dict[str, Any]) -> IncomingCall:
    context = text_of(data, "incomingCallContext", LONGEST_CONTEXT)
    if not context:
        raise ValueError("it has no incomingCallContext, without which nobody can answer")
    subject = _SUBJECT.fullmatch(text_of(entry, "subject"))
    caller, called = subject.groups() if subject else ("", "")
    return IncomingCall(
        event_id=id_of(entry),
        at=_at(entry),
        to_raw=raw_id_of(data.get("to")) or called,
        from_raw=raw_id_of(data.get("from")) or caller,
        display_name=text_of(data, "callerDisplayName").strip()[:300],
        server_call_id=text_of(data, "serverCallId", 10_000),
        correlation_id=text_of(data, "correlationId", LONGEST_ID),
        incoming_call_context=context,
        on_behalf_of=raw_id_of(data.get("onBehalfOfCallee")),
        custom_context=object_of(data, "customContext"),
    )


def _witness(entry: dict[str, Any], data: dict[str, Any], kind: Literal["CallStarted", "CallEnded"]) -> Witness:
    server_call_id, correlation_id = text_of(data, "serverCallId", 10_000), text_of(data, "correlationId", LONGEST_ID)
    if not server_call_id and not correlation_id:
        raise ValueError("nothing says which call it is about")
    duration = milliseconds_of(data, "durationOfCall")
    return Witness(id_of(entry), kind, _at(entry), server_call_id, correlation_id, duration, data)
