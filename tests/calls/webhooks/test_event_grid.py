"""What Event Grid posts, in both of its schemas."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.errors import BadEvents
from calls.webhooks.event_grid import GridBatch, Handshake, IncomingCall, Witness, allowed, parse_grid
from tests.calls.webhooks.test_events import JSON

AT = datetime(2026, 3, 12, 10, 38, 49, 123456, UTC)
CALL = {
    "to": {"kind": "phoneNumber", "rawId": "4:+15550111", "phoneNumber": {"value": "+15550111"}},
    "from": {"kind": "phoneNumber", "phoneNumber": {"value": "+15550100"}},
    "serverCallId": "aHR0cHM6Ly9",
    "callerDisplayName": "",
    "customContext": {"sipHeaders": {"X-Ticket": "7"}, "voipHeaders": {}},
    "onBehalfOfCallee": {"rawId": "4:+15550122"},
    "incomingCallContext": "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.",
    "correlationId": "c0ffee",
}
NOTIFICATION = {"aeg-event-type": "Notification"}


def own(kind: str, data: Any, **changes: Any) -> dict[str, Any]:
    """An event in Event Grid's own schema."""
    entry = {
        "id": "e1",
        "topic": "/subscriptions/0",
        "subject": "/caller/4:+15550100/recipient/4:+15550111",
        "data": data,
        "eventType": f"Microsoft.Communication.{kind}",
        "dataVersion": "1.0",
        "metadataVersion": "1",
        "eventTime": "2026-03-12T10:38:49.1234567Z",
    }
    return entry | changes


def cloud(kind: str, data: Any) -> dict[str, Any]:
    """The same as a CloudEvent."""
    entry = own(kind, data)
    return {
        "id": entry["id"],
        "source": entry["topic"],
        "subject": entry["subject"],
        "type": entry["eventType"],
        "time": entry["eventTime"],
        "specversion": "1.0",
        "data": data,
    }


def parsed(*entries: Any) -> GridBatch:
    found = parse_grid(json.dumps(entries).encode(), NOTIFICATION)
    assert isinstance(found, GridBatch)
    return found


INCOMING = IncomingCall(
    event_id="e1",
    at=AT,
    to_raw="4:+15550111",
    from_raw="4:+15550100",
    display_name="",
    server_call_id="aHR0cHM6Ly9",
    correlation_id="c0ffee",
    incoming_call_context="eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.",
    on_behalf_of="4:+15550122",
    custom_context={"sipHeaders": {"X-Ticket": "7"}, "voipHeaders": {}},
)


def test_it_reads_an_incoming_call_in_both_schemas() -> None:
    assert parsed(own("IncomingCall", CALL)) == GridBatch((INCOMING,), (), (), ())
    alone = json.dumps(cloud("IncomingCall", CALL)).encode()
    assert parse_grid(alone, {}) == parsed(cloud("IncomingCall", CALL)) == GridBatch((INCOMING,), (), (), ())


def test_it_gives_a_retry_the_same_id() -> None:
    nameless = own("IncomingCall", CALL, id="")
    assert parsed(nameless).incoming == parsed(nameless).incoming
    other = parsed(own("IncomingCall", CALL | {"to": {}}, id=""))
    assert parsed(nameless).incoming[0].event_id != other.incoming[0].event_id


def test_it_takes_the_people_from_the_subject_where_the_data_lacks_them() -> None:
    incoming = parsed(own("IncomingCall", {"incomingCallContext": "x"})).incoming[0]
    assert (incoming.from_raw, incoming.to_raw, incoming.on_behalf_of) == ("4:+15550100", "4:+15550111", "")
    assert parsed(own("IncomingCall", {"incomingCallContext": "x"}, subject="")).incoming[0].to_raw == ""


def test_it_hears_the_witness_of_calls() -> None:
    started = own("CallStarted", {"serverCallId": "s", "correlationId": "c"})
    ended = cloud("CallEnded", {"serverCallId": "s", "correlationId": "c", "durationOfCall": 49.7281234})
    assert parsed(started, ended).witnesses == (
        Witness("e1", "CallStarted", AT, "s", "c", None, started["data"]),
        Witness("e1", "CallEnded", AT, "s", "c", 49_728, ended["data"]),
    )


def test_it_counts_the_others_and_loses_nothing_to_a_bad_one() -> None:
    bad = [7, {"data": {}}, own("IncomingCall", {}), own("CallEnded", {}), own("CallStarted", "text")]
    batch = parsed(*bad, own("IncomingCall", CALL), own("CallParticipantAdded", {}), own("x" * 101, {}))
    assert batch.incoming == (INCOMING,)
    assert batch.others == ("CallParticipantAdded",)
    assert [tuple(bad) for bad in batch.unreadable] == [
        (0, "it is no object"),
        (1, "nothing says of which type it is"),
        (2, "it has no incomingCallContext, without which nobody can answer"),
        (3, "nothing says which call it is about"),
        (4, "its data is no object"),
        (7, "its type is too long"),
    ]


VALIDATION: dict[str, Any] = {
    "id": "v",
    "data": {"validationCode": "512d38b6", "validationUrl": "https://rp.example.com/validate?code=512d38b6"},
    "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
}


@pytest.mark.parametrize("headers", [{"aeg-event-type": "SubscriptionValidation"}, {"Aeg-Event-Type": ""}, {}])
def test_it_answers_the_handshake_of_event_grid(headers: dict[str, str]) -> None:
    found = parse_grid(json.dumps([VALIDATION]).encode(), headers)
    assert isinstance(found, Handshake)
    assert found.answer == {"validationResponse": "512d38b6"}


def test_it_takes_no_notification_for_a_handshake() -> None:
    assert parsed(VALIDATION).others == ("Microsoft.EventGrid.SubscriptionValidationEvent",)
    headers = {"aeg-event-type": "SubscriptionValidation"}
    other = parse_grid(json.dumps([own("IncomingCall", CALL | {"validationCode": "x"})]).encode(), headers)
    assert isinstance(other, GridBatch)
    assert other.incoming == (INCOMING,)


def test_it_answers_the_handshake_of_cloud_events() -> None:
    asked = {"Webhook-Request-Origin": "eventgrid.azure.net", "WEBHOOK-REQUEST-RATE": "120"}
    assert allowed(asked) == {
        "WebHook-Allowed-Origin": "eventgrid.azure.net",
        "WebHook-Allowed-Rate": "120",
        "Allow": "OPTIONS, POST",
    }
    assert allowed({"WebHook-Request-Origin": "eventgrid.azure.net"}) == {
        "WebHook-Allowed-Origin": "eventgrid.azure.net",
        "Allow": "OPTIONS, POST",
    }


@pytest.mark.parametrize("origin", ["", "a b", "a\r\nX-Evil: 1", "<script>", "x" * 300, "é.example"])
def test_it_sends_back_no_origin_that_is_none(origin: str) -> None:
    assert allowed({"WebHook-Request-Origin": origin, "WebHook-Request-Rate": "120"}) == {}
    assert allowed({}) == {}


def test_it_sends_back_no_rate_that_is_none() -> None:
    answer = allowed({"WebHook-Request-Origin": "eventgrid.azure.net", "WebHook-Request-Rate": "1\r\nX-Evil: 1"})
    assert "WebHook-Allowed-Rate" not in answer


def test_it_says_what_is_no_delivery() -> None:
    with pytest.raises(BadEvents, match="it is no JSON"):
        parse_grid(b"{", NOTIFICATION)


KINDS = st.sampled_from(["IncomingCall", "CallStarted", "CallEnded", "CallParticipantAdded"])


@settings(max_examples=50)
@given(
    KINDS, st.dictionaries(st.sampled_from(list(CALL)), JSON), st.dictionaries(st.sampled_from(list(VALIDATION)), JSON)
)
def test_it_counts_every_entry(kind: str, data: dict[str, Any], changes: dict[str, Any]) -> None:
    batch = parsed(own(kind, CALL | data), cloud(kind, CALL) | changes)
    assert len(batch.incoming) + len(batch.witnesses) + len(batch.others) + len(batch.unreadable) == 2
