"""How many connected calls were recorded whole, in part, not at all, and why."""

from datetime import timedelta
from typing import Any

import pytest

from calls.models import Call, Witness
from media.admin.completeness import days
from media.sessions.deletion import delete_session
from tests.media.rows import NOON, a_gap, a_session
from tests.people import person

pytestmark = pytest.mark.django_db


def call(days_ago: int = 0, **fields: Any) -> Call:
    at = NOON - timedelta(days=days_ago)
    return Call.objects.create(direction="outbound", state="ended", connected_at=at, ended_at=at, **fields)


def test_it_tells_whole_from_torn_and_from_nothing() -> None:
    a_session(call=call(), stored=500, received=500)
    torn = a_session(call=call(), stored=500, received=500)
    a_gap(torn, None, 0, 1000, cause="socket_lost")
    a_gap(torn, None, 2000, 1000, cause="server_stopped")
    silent = a_session(call=call(), stored=500, received=500)
    a_gap(silent, None, 0, 1000, cause="provider_silent")
    a_gap(silent, None, 2000, 1000, cause="streaming_stopped")
    unreached = "ACS could not reach our media socket."
    a_session(call=call(), reason=f"The call ended. No audio ever came: {unreached}")
    a_session(call=call(), reason=f"olga hung up. No audio ever came: Audio lost, asked again (4). {unreached}")
    a_session(
        call=call(streaming_wanted=False), reason="The call ended. No audio ever came: Streaming was not started."
    )
    a_session(call=call(streaming_wanted=False, announcement="failed"), reason="Not recorded: no announcement.")
    call()  # without any session
    Call.objects.create(direction="outbound", state="failed", ended_at=NOON)  # never connected
    a_session(call=call(days_ago=2), stored=1, received=1)
    today, before = days(3, NOON)[-1], days(3, NOON)[0]
    assert (today.whole, today.part, today.missing, today.unwanted, today.connected) == (2, 1, 4, 1, 8)
    assert today.why == {
        "server_stopped, socket_lost": 1,
        unreached: 2,
        "Not recorded: no announcement.": 1,
    }
    assert (before.day, before.whole) == ((NOON - timedelta(days=2)).date(), 1)
    assert [day.connected for day in days(1, NOON)] == [8]


def test_a_recording_that_somebody_deleted_is_not_missing() -> None:
    delete_session(a_session(call=call(), stored=500, received=500), person("ada"), "admin")
    a_session(call=call(), stored=500, received=500)
    today = days(1, NOON)[0]
    assert (today.whole, today.missing, today.deleted, today.connected) == (1, 0, 1, 2)
    assert not today.why


def test_event_grid_tells_of_calls_that_are_not_ours() -> None:
    call(correlation_id="ours")
    for correlation_id in ("ours", "theirs", ""):
        Witness.objects.create(
            event_id=correlation_id or "-", kind="CallStarted", at=NOON, correlation_id=correlation_id
        )
    Witness.objects.create(event_id="ended", kind="CallEnded", at=NOON, correlation_id="theirs")
    assert days(1, NOON)[0].unknown == 1
