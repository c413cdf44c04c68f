"""The admin's list of calls and the page of one: what it shows to whom, and what it never shows."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from calls.models import Call, CallParticipant, IncomingCall, Person, Witness
from media.sessions.receivers import await_sound
from tests.calls.rows import a_call, a_told_call, an_event
from tests.people import person, signed_in_staff

pytestmark = pytest.mark.django_db
LIST = "/admin/calls/call/"


def url_of(call: Call) -> str:
    return f"{LIST}{call.pk}/change/"


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition('id="content-main"')[2]).split())


def test_it_tells_the_story_of_a_call() -> None:
    call = a_told_call()
    await_sound(None, call, created=True)
    leg = a_call(correlation_id=call.correlation_id, direction="inbound", from_id="+15550199")
    Person.objects.create(raw_id="4:+15550100", name="Rita Recorder")
    page = signed_in_staff("olga").get(url_of(call)).text
    text = text_of(page)
    for told in (
        "olga hung up. ACS 200/7000",
        "Spoken 2:00",
        "To Rita Recorder",
        "Announcement announced",
        "Recording About the invoice of March",
        "0:04 Call connected Placing → Connected",
        "2:03 Hang up asked Connected → Disconnecting",
        "Rita Recorder name 4:+15550100_5",
        "Olga of ACS name 8:acs:r_olga",
        "withheld number 4:anonymous",  # nobody can be named by it
    ):
        assert told in text
    assert url_of(leg) in page
    assert f"/sessions/{call.sessions.get().pk}/" in page
    assert "transportUrl" in page
    assert "eyJ" not in page  # what opens the socket is masked
    assert 'name="_save"' not in page
    assert "Hang up</button>" not in page  # it is over


def test_it_offers_what_can_apply_to_whom_may() -> None:
    streaming, quiet = a_call(), a_call(streaming_wanted=False)
    ringing, over = a_call(state="ringing"), a_call(state="ended")
    olga = signed_in_staff("olga")
    buttons = [
        re.findall(r'<button class="page-action[^>]*>([^<]*)', olga.get(url_of(call)).text)
        for call in (streaming, quiet)
    ]
    assert buttons == [["Stop streaming", "Hang up"], ["Start streaming", "Hang up"]]
    assert "Hang up</button>" in olga.get(url_of(ringing)).text
    assert "Hang up</button>" not in olga.get(url_of(over)).text
    assert 'value="hang_up"' in olga.get(LIST).text
    assert signed_in_staff("otto").get(LIST).status_code == 403


def test_it_shows_to_whom_may_only_look_nothing_to_do() -> None:
    person("otto").user_permissions.add(Permission.objects.get(codename="view_call"))
    call, otto = a_call(), signed_in_staff("otto")
    assert 'value="hang_up"' not in otto.get(LIST).text
    assert "Hang up" not in otto.get(url_of(call)).text
    otto.post(LIST, {"action": "hang_up", "_selected_action": str(call.pk), "sure": "yes"})
    call.refresh_from_db()
    assert call.state == "connected"


def test_it_costs_the_same_however_much_happened(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    short, long = a_told_call("401f0500-1"), a_told_call("401f0500-2")
    for number in range(60):
        an_event(long, "PlayCompleted", number)
        CallParticipant.objects.create(call=long, raw_id=f"8:acs:{number}")
    olga = signed_in_staff("olga")
    olga.get(url_of(short))
    with django_assert_num_queries(10) as few:
        olga.get(url_of(short))
    with django_assert_num_queries(len(few.captured_queries)):
        olga.get(url_of(long))
    with django_assert_num_queries(8) as few:
        olga.get(LIST)
    for number in range(10):
        await_sound(None, a_call(call_connection_id=str(number)), created=True)
    with django_assert_num_queries(len(few.captured_queries)):
        olga.get(LIST)


def test_it_finds_calls_as_the_api_does() -> None:
    a_told_call()
    a_call(to=["+4930123456"], call_connection_id="401f0600")
    olga = signed_in_staff("olga")
    for query, found in {
        "q=invoice": {"15550100"},
        "q=%2B4930123456": {"4930123456"},
        "q=401f06": {"4930123456"},
        "state__exact=ended": {"15550100"},
        "direction__exact=inbound": set(),
    }.items():
        rows = re.findall(r'<th class="field-call[^>]*><a [^>]*>[^<]*→ \+(\d+)', olga.get(f"{LIST}?{query}").text)
        assert set(rows) == found, query


def test_it_never_shows_what_opens_an_incoming_call() -> None:
    values = {"from_raw_id": "4:+15550123", "to_raw_id": "4:+15550199", "display_name": "Rita"}
    expires = timezone.now() + timedelta(minutes=1)
    row = IncomingCall.objects.create(event_id="1", context="opens-the-call", expires_at=expires, **values)
    olga = signed_in_staff("olga")
    for page in (olga.get("/admin/calls/incomingcall/"), olga.get(f"/admin/calls/incomingcall/{row.pk}/change/")):
        assert "Rita (+15550123)" in page.text
        assert "opens-the-call" not in page.text
    assert olga.post(f"/admin/calls/incomingcall/{row.pk}/change/", {"state": "answered"}).status_code == 403


def test_it_shows_witnesses_to_administrators() -> None:
    Witness.objects.create(
        event_id="w", kind="CallEnded", at=timezone.now(), correlation_id="c0ffee", duration_ms=9_000
    )
    assert signed_in_staff("olga").get("/admin/calls/witness/").status_code == 403
    ada = signed_in_staff("ada")
    assert "9 s" in ada.get("/admin/calls/witness/").text
    assert "/admin/calls/call/?q=c0ffee" in ada.get("/admin/calls/witness/w/change/").text
