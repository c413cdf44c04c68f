"""The pages of calls: what stands on them, and for whom. Their life in a browser: tests/console/test_calls.py."""

import asyncio
import csv
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from calls import event_loop
from calls.models import Call, CallEvent, CallParticipant, Person, Prompt
from calls.services.event_log import Entry, begin, write
from tests.people import browser_of, program_of

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
TOKEN = "eyJjIjoiYWJjZGVmIn0:1abcde:signature-of-ours"


@pytest.fixture(autouse=True)
def _event_loop_closed() -> Iterator[None]:
    """Its connections are to this test's database."""
    yield
    event_loop.close()


def a_call(state: str = "connected", to: tuple[str, ...] = ("+15550100",), **fields: object) -> Call:
    over = {"ended_at": timezone.now(), "end_reason": "The call ended."} if state in Call.OVER else {}
    known = {"state": state, "direction": "outbound", "from_id": "+15550199", "to": list(to), "created_by": None}
    if state == "connected":
        over = {"connected_at": timezone.now(), "call_connection_id": f"connection-{Call.objects.count()}"}
    return begin(Call(**{**known, **over, **fields}), Entry("begun", "us", "calling"))


def shown(path: str, who: str = "olga") -> str:
    """The page as people read it."""
    answer = browser_of(who).get(path)
    assert answer.status_code == 200, answer
    return unescape(answer.content.decode())


async def whole(answer: Any) -> bytes:
    return b"".join([part async for part in answer.streaming_content])


def test_it_lists_calls_and_narrows_them_by_the_filters_of_the_api() -> None:
    Person.objects.create(raw_id="4:+15550100", name="Ben Miller")
    a_call(streaming_trouble="Audio lost, asking again (2).", note="about the bill")
    a_call("failed", to=("8:acs:res_ada",), end_reason="The called party is busy.")
    a_call(direction="inbound", from_id="+15550123", display_name="Cleo", to=("+15550199",), streaming_wanted=False)
    page = shown("/calls/")
    for text in ("Call to Ben Miller", "Call from Cleo", "about the bill", "Audio lost, asking again (2).", "busy"):
        assert text in page
    assert "not recorded" in page
    assert 'hx-trigger="every 3s"' in page
    narrow = shown("/calls/?state=failed&q=8:acs:res_ada")
    assert "8:acs:res_ada" in narrow
    assert "Ben Miller" not in narrow
    assert "/api/v1/calls?q=8%3Aacs%3Ares_ada&state=failed'" in narrow  # the same by API
    assert '<details id="filter-panel" open>' in narrow
    for words, found in (
        ("0100", "Ben Miller"),
        ("+1 555 01-00", "Ben Miller"),
        ("miller", "Ben Miller"),
        ("cleo", "Cleo"),
    ):
        assert len(re.findall(r'<tr id="call-', page := shown(f"/calls/?{urlencode({'q': words})}"))) == 1, words
        assert found in page
    wrong = shown("/calls/?created_after=yesterday")
    assert "'yesterday' is no ISO 8601 time" in wrong
    assert "Ben Miller" not in wrong
    assert "There is no such filter" in shown("/calls/?status=failed")
    assert "No call meets these filters" in shown("/calls/?q=nobody")
    answer = browser_of("olga").get("/calls/export.csv?q=miller")
    head, row = csv.reader(asyncio.run(whole(answer)).decode("utf-8-sig").splitlines())
    assert dict(zip(head, row, strict=True)) | {"id": "", "created_at": "", "connected_at": ""} == {
        **dict.fromkeys(head, ""),
        **{"direction": "outbound", "state": "connected", "from": "+15550199", "to": "+15550100"},
        **{"note": "about the bill", "session_id": row[-1]},
    }
    assert browser_of("olga").get("/calls/export.csv?state=odd").status_code == 422
    with_many = [a_call("ended", note=f"number {index}") for index in range(60)]
    first = shown("/calls/")
    older = first[first.index('href="?cursor=') + 6 :].partition('"')[0]
    assert with_many[-1].note in first
    assert "Ben Miller" in shown(f"/calls/{older}")
    assert "every 3s" not in shown(f"/calls/{older}")  # it would shift under the reader


def test_it_shows_a_call_with_all_that_happened_and_no_token() -> None:
    call = a_call(announcement="done", announce="We record.", announced_at=timezone.now() + timedelta(seconds=3.4))
    leg = a_call("ended", to=("+15550102",), correlation_id="both")
    Call.objects.filter(pk=call.pk).update(correlation_id="both", streaming=Call.Streaming.STARTED)
    CallParticipant.objects.create(call=call, raw_id="4:+15550100", is_muted=True)
    CallParticipant.objects.create(call=call, raw_id="8:acs:ada", is_on_hold=True, name="Ada")
    CallParticipant.objects.create(call=call, raw_id="8:acs:gone", left_at=timezone.now())
    raw = {"transportUrl": f"wss://x.example/acs/media/{TOKEN}", "note": "kept"}
    write(call.pk, Entry("MediaStreamingStarted", "acs", "ACS streams", raw=raw))
    write(call.pk, Entry("add_asked", "person", "adding +15550104", username="olga", raw={"who": "4:+15550104"}))
    page = shown(f"/calls/{call.pk}/")
    for text in (
        "Announced at 0:03",
        "We record.",
        "ACS streams the sound",
        "muted",
        "on hold",
        "Media streaming started",
    ):
        assert text in page
    assert TOKEN.partition(":")[0] not in page
    assert '"note": "kept"' in page
    assert f"/calls/{leg.pk}/" in page
    assert "asked to join" in page
    for action in ("stop-streaming", "hangup", "leave", "add", "transfer", "keys", "play", "mute", "unhold", "remove"):
        assert f"/calls/{call.pk}/{action}/" in page, action
    assert f"/calls/{call.pk}/start-streaming/" not in page
    beside = shown(f"/calls/{call.pk}/preview/")
    for text in (
        "on hold",
        "asked to join",
        f"/calls/{call.pk}/hangup/",
        'hx-trigger="every 2s"',
        "ACS streams the sound",
    ):
        assert text in beside, text
    assert f"/calls/{call.pk}/transfer/" not in beside
    assert "the recording of these goes on" in page  # a transfer of one of two
    assert '{"to": "+15550100", "transferee": "4:+15550100"}' in page
    assert "the recording ends with it" in shown(f"/calls/{a_call().pk}/")
    over = shown(f"/calls/{leg.pk}/")
    assert 'method="post"' not in over[over.index('<div id="call"') :]
    assert "hx-trigger" not in over[over.index('<div id="call"') :].partition(">")[0]
    reload = browser_of("olga").get(f"/calls/{call.pk}/add/")
    assert (reload.status_code, reload["Location"]) == (302, f"/calls/{call.pk}/")


def test_what_was_still_to_be_announced_at_the_end_is_not_announced() -> None:
    call = a_call("ended", announcement="waiting", announce="We record.")
    assert "Not announced: the call ended before" in shown(f"/calls/{call.pk}/")
    assert "to be announced" not in shown(f"/calls/{call.pk}/").lower()
    assert program_of("olga").get(f"/api/v1/calls/{call.pk}").json()["announcement"] == "failed"


def test_it_names_what_is_pending() -> None:
    for state, words in (
        ("placing", "has not answered yet"),
        ("ringing", "nobody has answered"),
        ("disconnecting", "asked to hang up"),
    ):
        page = shown(f"/calls/{a_call(state).pk}/")
        assert words in page
        assert "hang up" in page.lower()
        assert "/transfer/" not in page


def test_it_is_for_those_who_may() -> None:
    call = a_call()
    person = CallParticipant.objects.create(call=call, raw_id="4:+15550100")
    otto = browser_of("otto")
    for path in ("/calls/", f"/calls/{call.pk}/", f"/calls/{call.pk}/live/", f"/calls/{call.pk}/preview/"):
        assert otto.get(path).status_code == 403
    otto.handler.enforce_csrf_checks = False
    for action in ("hangup", "add", "transfer"):
        assert otto.post(f"/calls/{call.pk}/{action}/").status_code == 403
    assert otto.post(f"/calls/{call.pk}/participants/{person.pk}/name/", {"name": "X"}).status_code == 403
    olga = browser_of("olga")
    assert olga.post(f"/calls/{call.pk}/hangup/").status_code == 403  # no CSRF token
    assert olga.get(f"/calls/{call.pk}/juggle/").status_code == 404
    olga.logout()
    signed_out = olga.get(f"/calls/{call.pk}/live/", headers={"HX-Request": "true", "HX-Current-URL": "/calls/"})
    assert (signed_out.status_code, signed_out["HX-Redirect"]) == (204, "/login/?next=%2Fcalls%2F")
    assert olga.get("/calls/")["Location"] == "/login/?next=/calls/"
    assert CallEvent.objects.count() == 1  # nobody asked for anything


def test_its_people_get_names_for_all_calls() -> None:
    call = a_call()
    person = CallParticipant.objects.create(call=call, raw_id="4:+15550100_7")
    nameless = CallParticipant.objects.create(call=call, raw_id="4:anonymous")
    olga = browser_of("olga")
    olga.handler.enforce_csrf_checks = False
    olga.post(f"/calls/{call.pk}/participants/{person.pk}/name/", {"name": " Ben  Miller "})
    assert Person.objects.get().name == "Ben Miller"
    assert "Call to Ben Miller" in shown(f"/calls/{call.pk}/")
    olga.post(f"/calls/{call.pk}/participants/{person.pk}/name/", {"name": ""})
    assert not Person.objects.exists()
    refused = olga.post(f"/calls/{call.pk}/participants/{nameless.pk}/name/", {"name": "X"})
    assert "cannot be named" in unescape(refused.content.decode())


def test_what_its_form_refuses_is_said_at_the_field(settings: Any) -> None:
    settings.ACS_ENDPOINT, settings.ACS_ACCESS_KEY = "http://127.0.0.1:1", "a2V5"
    olga = browser_of("olga")
    olga.handler.enforce_csrf_checks = False

    def fault(field: str, **filled: str) -> str:
        known = {"to": "8:acs:ada", "channels": "unmixed", "sample_rate": "16000", "start_streaming": "on"}
        page = unescape(olga.post("/calls/new/", {**known, **filled}).content.decode())
        assert not Call.objects.exists()
        return page[page.index(f'id="{field}-fault"') :].partition("</p>")[0]

    assert "Say at least one" in fault("to", to=" ")
    assert "needs ACS_COGNITIVE_ENDPOINT" in fault("announce", announce="This call is recorded.")
    assert "needs ACS_COGNITIVE_ENDPOINT" in fault("transcription_locale", transcription_locale="en-US")
    assert "is no language like en-US" in fault("transcription_locale", transcription_locale="that of the caller")
    assert "set ACS_CALLER_ID" in fault("from", to="+15550100")
    assert "Input should be 16000 or 24000" in fault("sample_rate", sample_rate="8000")
    assert "at most 200 characters" in fault("display_name", display_name="x" * 201)
    assert "at most 2000 characters" in fault("note", note="x" * 2001)
    empty = shown("/calls/new/")
    assert "A text cannot be spoken: ACS_COGNITIVE_ENDPOINT is unset" in empty
    Prompt.objects.create(name="recorded.wav", wav=b"", duration_ms=900)
    assert "recorded.wav" in shown("/calls/join/")
    unnamed = olga.post("/calls/join/", {"place": "room_id", "id": " "})
    assert 'id="id-fault" role="alert">Say which call.' in unescape(unnamed.content.decode())

    # Sent twice it is one call; and what ACS refuses, or does not answer, stands on the call's page.
    form = {"to": "8:acs:ada", "announce": "recorded.wav", "start_streaming": "on", "once": "0123"}
    places = {olga.post("/calls/new/", form)["Location"] for _ in range(2)}
    call = Call.objects.get()
    assert places == {f"/calls/{call.pk}/"}
    end = time.monotonic() + 60
    while not Call.objects.filter(pk=call.pk, state="failed").exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    assert "ACS cannot be reached" in shown(f"/calls/{call.pk}/")
    again = shown(f"/calls/new/?again={call.pk}")
    assert 'value="recorded.wav"' in again
    assert "8:acs:ada</textarea>" in again
