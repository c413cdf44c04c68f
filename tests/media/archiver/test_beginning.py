"""A call that went on before its sound began to be kept is not whole, and says so."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from calls.models import Call, CallEvent
from media.admin.completeness import days
from media.archiver.settle import settle
from media.models import StreamSession
from tests.media.rows import NOON, ORIGIN_TICKS, a_connection, a_lane, a_session

pytestmark = pytest.mark.django_db


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def a_call(**fields: Any) -> Call:
    times = {"connected_at": NOON, "ended_at": seconds(300)}
    return Call.objects.create(direction="outbound", state="ended", end_reason="Bye.", **{**times, **fields})


def event(call: Call, kind: str, at: float, **fields: Any) -> None:
    CallEvent.objects.create(call=call, event_id=f"{call.pk} {at}", kind=kind, received_at=seconds(at), **fields)


def recorded(call: Call, first_socket: float) -> StreamSession:
    """The session when all of it is archived; its first socket was opened so late."""
    span = {"origin_ticks": ORIGIN_TICKS, "end_ticks": ORIGIN_TICKS + 480_000}
    session = a_session(call=call, live=True, state="recording", stored=500, received=500, channels="unmixed", **span)
    a_connection(session, opened_at=seconds(first_socket), closed_at=seconds(300), last_frame_at=seconds(299))
    a_lane(session, "4:+15550100", stored=500, received=500, stored_ticks=480_000)
    settle()
    session.refresh_from_db()
    assert not session.live
    return session


def beginning(session: StreamSession) -> list[tuple[str, int | None]]:
    assert session.gap_count == session.gaps.count()
    assert all(gap.position == ORIGIN_TICKS // 3 for gap in session.gaps.all())
    return [(gap.cause, gap.samples) for gap in session.gaps.all()]


def test_what_began_in_time_is_whole() -> None:
    session = recorded(a_call(), 4)
    assert (session.reason, beginning(session)) == ("Bye.", [])
    assert (days(1, NOON)[0].whole, days(1, NOON)[0].part) == (1, 0)


def test_what_began_late_lacks_its_beginning() -> None:
    session = recorded(a_call(), 60)
    assert session.reason == "Bye. Its first 60 s were not recorded."
    assert beginning(session) == [("socket_lost", None)]
    day = days(1, NOON)[0]
    assert (day.whole, day.part, day.why) == (0, 1, {"socket_lost": 1})


def test_a_call_whose_sound_came_was_connected(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """CallConnected and what else would tell of it are lost, all but the end."""
    call = a_call(connected_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        session = recorded(call, 4)
        settle()
    call.refresh_from_db()
    assert (call.state, call.connected_at, session.reason) == ("ended", seconds(4), "Bye.")
    assert days(1, NOON)[0].whole == 1
    assert [said.kind for said in call.events.all()] == ["heard"], "once"
    unheard = a_call(connected_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        a_session(call=unheard, live=True, state="waiting")
        settle()
    unheard.refresh_from_db()
    assert (unheard.connected_at, unheard.events.count(), days(1, NOON)[0].connected) == (None, 0, 1)


@pytest.mark.parametrize(("kind", "cause"), [("full", "overload"), ("draining", "server_stopped")])
def test_what_we_refused_is_our_fault(kind: str, cause: str) -> None:
    call = a_call()
    event(call, "asked_again", 3)
    event(call, "socket_refused", 4, raw={"kind": kind})
    assert beginning(recorded(call, 370)) == [(cause, None)]


def test_what_was_to_begin_later_began_in_time() -> None:
    announced = a_call(announcement="done", announced_at=seconds(30))
    by_hand, unannounced, lost_and_started = a_call(), a_call(announcement="failed"), a_call()
    event(by_hand, "start_streaming_asked", 100)
    assert beginning(recorded(announced, 32)) == []
    assert beginning(recorded(by_hand, 101)) == []
    assert beginning(recorded(unannounced, 40)) == []
    event(lost_and_started, "asked_again", 3)
    event(lost_and_started, "start_streaming_asked", 100)
    assert beginning(recorded(lost_and_started, 101)) == [("socket_lost", None)]
