"""What the admin does with calls that run: the emulator is asked, and each call says what came of it."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from acs_emulator.testing import Emulator, acs, acs_scenario  # noqa: F401  (fixtures)
from calls import event_loop
from calls.call_options import CallOptions, Placing
from calls.models import Call
from calls.services import placing
from tests.browser import serving
from tests.calls.rows import a_call
from tests.people import person, signed_in_staff

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
LIST = "/admin/calls/call/"


@pytest.fixture
def at_work(acs: Emulator, settings: Settings) -> Iterator[None]:  # noqa: F811
    """Calls can be placed, and what ACS says of them arrives."""
    settings.ACS_ENDPOINT, settings.ACS_ACCESS_KEY, settings.ACS_CALLER_ID = acs.url, acs.key, "+15550199"
    with serving() as site:
        settings.PUBLIC_URL = site
        yield
        event_loop.close()


def a_running_call(to: str) -> Call:
    asked = Placing((f"4:{to}",), "", CallOptions(start_streaming=False))
    call = placing.begin_placing(asked, person("olga"))
    event_loop.wait(placing.place(call, asked))
    return until(call, lambda: call.state == "connected")


def until(call: Call, true: Callable[[], bool], seconds: float = 20) -> Call:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"it is still {call.state}"
        time.sleep(0.05)
        call.refresh_from_db()
    return call


def do(client: Client, action: str, *calls: Call, **more: str) -> list[str]:
    """What is said afterwards."""
    form = {"action": action, "_selected_action": [str(call.pk) for call in calls], **more}
    page = client.post(LIST, form, follow=True)
    assert page.status_code == 200
    return [str(message) for message in page.context["messages"]] if page.context else []


def test_it_does_it_with_each_call_and_says_what_came_of_it(at_work: None) -> None:
    olga = signed_in_staff("olga")
    running, lost = a_running_call("+15550101"), a_call(call_connection_id="acs-forgot-it", streaming_wanted=False)
    over = a_call(state="ended", end_reason="The call ended.")

    said = do(olga, "start_streaming", running, lost, over)
    assert len(said) == 3
    by_call = {re.search(r"\((\w{8})\)", line)[1]: line for line in said}  # type: ignore[index]
    assert "ACS was asked to stream its sound." in by_call[str(running.pk)[:8]]
    assert "ACS answered 404" in by_call[str(lost.pk)[:8]]
    assert "not possible now: the call is ended" in by_call[str(over.pk)[:8]]
    running.refresh_from_db()
    assert running.streaming_wanted
    assert running.events.get(kind="start_streaming_asked").username == "olga"

    page = olga.post(LIST, {"action": "hang_up", "_selected_action": [str(running.pk), str(over.pk)]})
    assert "Hang up 1 call for everybody?" in page.text  # it is asked once more, of those that run
    assert str(over.pk) not in page.text
    assert not running.events.filter(kind="hang_up_asked").exists()
    said = do(olga, "hang_up", running, lost, sure="yes")
    assert [line.rpartition(": ")[2] for line in said] == ["it is hung up for everybody."] * 2
    assert until(running, lambda: running.state == "ended").end_reason == "olga hung up."
    lost.refresh_from_db()
    assert lost.state == "ended"  # ACS knows it no longer, and that is its end

    assert do(olga, "hang_up", running) == ["None of these calls is running."]


def test_it_goes_back_to_the_call_where_it_was_asked_for_there(at_work: None) -> None:
    call, olga = a_call(call_connection_id="acs-forgot-it"), signed_in_staff("olga")
    answer = olga.post(LIST, {"action": "stop_streaming", "_selected_action": str(call.pk), "one": "yes"})
    assert answer.headers["Location"] == f"{LIST}{call.pk}/change/"
    assert "ACS answered 404" in olga.get(answer.headers["Location"]).text
