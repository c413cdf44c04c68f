"""Callbacks of every generation, and what is none."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.errors import BadEvents
from calls.webhooks.events import Batch, Detail, Event, Result, parse_callbacks

CALL, SERVER, CORRELATION = (
    "411f6d00-1d3f-425b-9d7d-df971f16564b",
    "aHR0cHM6Ly9jb252",
    "1d1e9f3a-4f0e-4b44-aa42-6e6b0f0e0a11",
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def cloud_event(kind: str = "CallConnected", **changes: Any) -> dict[str, Any]:
    """As the service writes it today; None removes a key."""
    source = f"calling/callConnections/{CALL}"
    entry = {
        "id": "5b7c4a33-4f5e-4a5c-9a32-2f4c5a6f1a01",
        "source": source,
        "type": f"Microsoft.Communication.{kind}",
        "data": {
            "version": "2024-09-01-preview",
            "publicEventType": f"Microsoft.Communication.{kind}",
            "callConnectionId": CALL,
            "serverCallId": SERVER,
            "correlationId": CORRELATION,
            "operationContext": "op1",
            "resultInformation": {"code": 200, "subCode": 0, "message": "It went well."},
        },
        "time": "2026-03-12T10:38:49.1234567+00:00",
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "subject": source,
    }
    return {key: value for key, value in (entry | changes).items() if value is not None}


def parsed(*entries: Any) -> Batch:
    return parse_callbacks(json.dumps(entries).encode())


def only(entry: Any) -> Event:
    batch = parsed(entry)
    assert batch.unreadable == ()
    return batch.events[0]


def test_it_reads_an_event_of_today() -> None:
    entry = cloud_event()
    assert only(entry) == Event(
        id="5b7c4a33-4f5e-4a5c-9a32-2f4c5a6f1a01",
        type="CallConnected",
        at=datetime(2026, 3, 12, 10, 38, 49, 123456, UTC),
        call_connection_id=CALL,
        server_call_id=SERVER,
        correlation_id=CORRELATION,
        operation_context="op1",
        result=Result(200, 0, "It went well."),
        data=entry["data"],
    )


def test_it_reads_one_event_alone_and_a_mixed_batch() -> None:
    one = cloud_event("ParticipantsUpdated", id="a")
    other = cloud_event("CallDisconnected", id="b", data={"callConnectionId": "another call"})
    assert [event.id for event in parse_callbacks(json.dumps(one).encode()).events] == ["a"]
    batch = parsed(one, other, cloud_event("DialogSensitivityUpdate", id="c"))
    assert [(event.id, event.type) for event in batch.events] == [
        ("a", "ParticipantsUpdated"),
        ("b", "CallDisconnected"),
        ("c", "DialogSensitivityUpdate"),
    ]
    assert batch.events[1].call_connection_id == "another call"
    assert parse_callbacks(b"[]") == Batch((), ())


def test_it_reads_plus_signs_that_are_escaped_as_the_service_does() -> None:
    body = json.dumps([cloud_event()]).replace("+00:00", "\\u002B00:00").encode()
    assert parse_callbacks(body).events[0].at == datetime(2026, 3, 12, 10, 38, 49, 123456, UTC)


def test_it_takes_type_and_call_from_the_source_of_2022() -> None:
    source = f"calling/callConnections/{CALL}/CallConnected"
    event = only(cloud_event(source=source, subject=None, type=None, data={"operationContext": "x"}))
    assert (event.type, event.call_connection_id, event.operation_context) == ("CallConnected", CALL, "x")
    bare = only({"data": {"eventSource": f"/{source}"}})
    assert (bare.type, bare.call_connection_id, bare.at) == ("CallConnected", CALL, None)


def test_it_reads_what_lies_inside_data() -> None:
    data = {
        "type": "Microsoft.Communication.CallTransferAccepted",
        "time": "2022-09-01T22:58:25.1Z",
        "subject": f"calling/callConnections/{CALL}",
    }
    event = only({"data": data})
    assert (event.type, event.call_connection_id) == ("CallTransferAccepted", CALL)
    assert event.at == datetime(2022, 9, 1, 22, 58, 25, 100_000, UTC)


def test_it_knows_whose_recording_it_is() -> None:
    source = f"calling/recordings/{SERVER}/eyJQbGF0/RecordingStateChanged"
    event = only({"source": source, "data": {"callConnectionId": CALL, "recordingId": "eyJQbGF0"}})
    assert (event.type, event.call_connection_id) == ("RecordingStateChanged", CALL)


@pytest.mark.parametrize("digits", ["", ".1", ".12", ".123", ".1234", ".12345", ".123456", ".1234567"])
@pytest.mark.parametrize("offset", ["Z", "+00:00", ""])
def test_it_reads_times_with_0_to_7_digits(digits: str, offset: str) -> None:
    event = only(cloud_event(time=f"2026-03-12T10:38:49{digits}{offset}"))
    assert event.at == datetime(2026, 3, 12, 10, 38, 49, int(digits[1:7].ljust(6, "0")), UTC)


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01T00:00:00Z", 1_700_000_000, "0001-01-01T00:00:00+14:00"])
def test_it_keeps_an_event_whose_time_is_none(time: Any) -> None:
    assert only(cloud_event(time=time)).at is None


def test_it_keeps_what_the_telephone_network_said() -> None:
    result = {
        "code": "486",
        "subCode": 560486,
        "message": "Busy here.",
        "sipDetails": {"code": 486, "message": "Busy Here"},
        "q850Details": {"code": 17, "message": "User busy"},
    }
    event = only(cloud_event("CreateCallFailed", data={"resultInformation": result}))
    assert event.result == Result(486, 560486, "Busy here.", Detail(486, "Busy Here"), Detail(17, "User busy"))


def test_it_keeps_no_token_that_the_service_repeats() -> None:
    result = {"code": 400, "subCode": 8581, "message": "wss://x/acs/media/a-token is not valid."}
    event = only(cloud_event("MediaStreamingFailed", data={"resultInformation": result}))
    assert event.result == Result(400, 8581, "wss://x/acs/media/… is not valid.")


@pytest.mark.parametrize("code", [None, True, "many", [486], 4.5, 2**31, "²"])
def test_it_takes_no_number_for_what_is_none(code: Any) -> None:
    event = only(cloud_event(data={"resultInformation": {"code": code, "message": "x"}}))
    assert event.result == Result(None, None, "x")


def test_it_gives_the_same_delivery_the_same_id_again() -> None:
    nameless = cloud_event(id=None)
    turned = dict(reversed(nameless.items()))
    assert only(nameless).id == only(turned).id
    assert uuid.UUID(only(nameless).id).version == 5
    assert only(nameless).id != only(cloud_event("CallDisconnected", id=None)).id
    assert only(cloud_event(id="x" * 201)).id != only(cloud_event(id="x" * 202)).id


def test_it_loses_no_good_entry_to_a_bad_one() -> None:
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    bad: list[Any] = [7, None, {"data": {}}, cloud_event(data="text"), cloud_event(data={"deep": deep})]
    bad.append({"type": "x" * 200, "data": {}})
    batch = parsed(cloud_event(id="first"), *bad, cloud_event(id="last"))
    assert [event.id for event in batch.events] == ["first", "last"]
    assert [bad.number for bad in batch.unreadable] == [1, 2, 3, 4, 5, 6]
    assert [bad.why for bad in batch.unreadable] == [
        "it is no object",
        "it is no object",
        "nothing says of which type it is",
        "its data is no object",
        "it is nested deeper than 32 levels",
        "its type has more than 100 characters",
    ]
    assert parsed({"type": "CallConnected"}).unreadable[0].why == "it has no data"


def test_it_lets_nothing_through_that_cannot_be_stored() -> None:
    body = b'{"type":"T\\u0000","data":{"a\\u0000":"\\ud800","n":NaN,"huge":1e999,"whole":' + b"9" * 5_000 + b"}}"
    event = parse_callbacks(body).events[0]
    assert event.type == "T\ufffd"
    assert event.data == {"a\ufffd": "\ufffd", "n": None, "huge": None, "whole": "9" * 5_000}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf \0", "it is empty"),
        (b"hello", "it is no JSON (Expecting value, line 1 column 1)"),
        (b'[{"id":1}', "it is no JSON (Expecting ',' delimiter, line 1 column 10)"),
        (b"7", "it is JSON, but neither an object nor an array"),
        (b"\xff\xfe{\0}\0", "it is not UTF-8"),
        (b"[" * 100_000, "it is nested too deep"),
    ],
)
def test_it_says_in_a_sentence_what_is_no_delivery(body: bytes, why: str) -> None:
    with pytest.raises(BadEvents) as refused:
        parse_callbacks(body)
    assert str(refused.value) == f"This body holds no events: {why}."


def test_it_reads_past_a_byte_order_mark() -> None:
    body = b"\xef\xbb\xbf" + json.dumps([cloud_event()]).encode() + b"\0\r\n"
    assert parse_callbacks(body).events[0].type == "CallConnected"


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_it_never_fails_otherwise(body: bytes) -> None:
    try:
        batch = parse_callbacks(body)
    except BadEvents:
        return
    assert all(event.type for event in batch.events)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(list(cloud_event())), JSON), st.dictionaries(st.text(), JSON))
def test_it_counts_every_entry_and_what_it_reads_can_be_stored(changes: dict[str, Any], more: dict[str, Any]) -> None:
    entries = [cloud_event() | changes, cloud_event(data=cloud_event()["data"] | more)]
    batch = parsed(*entries)
    assert len(batch.events) + len(batch.unreadable) == len(entries)
    for event in batch.events:
        stored = json.dumps(event.data, allow_nan=False, ensure_ascii=False).encode()
        assert b"\\u0000" not in stored
        assert 0 < len(event.id) <= 200
        assert 0 < len(event.type) <= 100
        assert len(event.call_connection_id) <= 100
