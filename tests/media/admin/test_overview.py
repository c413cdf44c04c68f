"""The admin's first page: what is running, what came of the last calls, how much was recorded, what room is left."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from calls.models import IncomingCall, Witness
from media.admin.charts import ranked
from media.models import Alarm
from media.monitoring import heartbeat
from tests.calls.rows import a_call
from tests.media.rows import a_gap, a_heard_session, a_session
from tests.people import person, signed_in_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def text_of(client: Client) -> str:
    page = client.get("/admin/")
    assert page.status_code == 200
    part = page.text.partition('id="dashboard"')[2].partition("admin/auth/group/")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def test_it_says_what_runs_and_what_needs_a_look() -> None:
    now = timezone.now()
    for state in ("connected", "connected", "ringing"):
        a_call(state=state)
    a_call(streaming_lost_at=now)
    values = {"from_raw_id": "4:+1", "to_raw_id": "4:+2", "context": "x", "expires_at": now}
    IncomingCall.objects.create(event_id="1", **values)
    for state in ("recording", "recording", "no_audio", "waiting"):
        a_session(live=True, state=state)
    figures = {"archive_lag": 3.25, "backlog_rows": 1200, "sockets": 4, "most_streams": 500, "disk_low": 1}
    heartbeat.write("901-a", [], {**figures, "refused": {"full": 2, "token": 1}})
    heartbeat.write("902-b", [], {**figures, "archive_lag": 90.0, "disk_low": 0, "sockets": 490})
    text = text_of(signed_in_staff("olga"))
    for told in (
        "2 recording",
        "Calls connected 3",
        "Placing, ringing, ending 1",
        "Calls that ring here 1",
        "Connected, audio lost 1",
        "Recordings without audio 1",
        "Waiting for audio 1",
        "1:30 behind",
        "Rows that wait for the archiver 2,400",
        "Sockets open 494 of 1000 · process 901, refused 3 4 of 500 · process 902 490 of 500",
        "Processes 2",
        "The disk is nearly full: new streams are refused.",
    ):
        assert told in text


def test_it_draws_the_last_calls_failures_and_days() -> None:
    now = timezone.now()
    ended, failed, runs = ("ended", ""), ("failed", "Busy."), ("connected", "")
    for hours, (state, reason) in ((0, ended), (3, ended), (3, failed), (3, runs), (30, ended)):
        a_call(created_at=now - timedelta(hours=hours), state=state, end_reason=reason)
    a_call(created_at=now - timedelta(days=3), state="failed", end_reason="Busy.")
    a_call(created_at=now - timedelta(days=9), state="failed", end_reason="Long ago.")
    a_heard_session(started_at=now, duration_ms=5_400_000, stored=1, received=1)
    a_heard_session(
        started_at=now - timedelta(days=3), duration_ms=3_600_000, stored=1, received=1, state="interrupted"
    )
    a_heard_session(started_at=now - timedelta(days=20), duration_ms=3_600_000)
    page = signed_in_staff("olga").get("/admin/").text
    text = text_of(signed_in_staff("olga"))
    assert "4 2 ended 1 running 1 failed" in text
    assert re.search(r'title="\d\d:00 UTC: 1 ended, 1 failed, 1 running"', page)
    assert "2.5 h 1.5 h today" in text
    assert re.search(r'title="\w+ \d+ \w+: 1.0 h"', page)
    assert re.search(r"What went wrong in the last 7 days Busy\. 2 The recording was interrupted 1", text)
    assert "Long ago" not in text
    assert "No process that takes audio has been heard of." in text


def test_it_says_what_was_recorded_whole_and_what_is_wrong_now() -> None:
    now = timezone.now()
    for number in range(3):
        call = a_call(state="ended", connected_at=now, ended_at=now)
        session = a_session(call=call, stored=500, received=500)
        if number == 2:
            a_gap(session, None, 0, 1000, cause="socket_lost")
    a_session(call=a_call(state="ended", connected_at=now, ended_at=now), reason="No audio ever came.", started_at=now)
    a_session(call=a_call(state="failed", end_reason="Busy."), reason="Busy.", started_at=now)
    a_session(call=a_call(state="ended", connected_at=now, streaming_wanted=False), started_at=now)
    Witness.objects.create(event_id="1", kind="CallStarted", at=now, correlation_id="somebody else's")
    text = "The disk is nearly full."
    seen = {"seen_since": now, "seen_at": now, "opened_at": now}
    Alarm.objects.create(kind="disk", text=text, path="/admin/", **seen)
    ago = now - timedelta(minutes=3)
    Alarm.objects.create(kind="acs_errors", text="ACS refused.", path="/calls/", **{**seen, "seen_at": ago})
    found = text_of(signed_in_staff("olga"))
    for told in (
        "50.0 %",
        "2 whole",
        "1 in part",
        "1 not at all",
        "1 call of the resource is not ours",
        "The connection was lost",
        "No audio ever came.",
        "No audio was captured 1",  # nobody took, or wanted, the others: no sound to lose
        f"{text} disk nearly full, since {now:%H:%M} UTC, nobody told yet",
        f"ACS refused. ACS refuses, since {now:%H:%M} UTC, well since {ago:%H:%M} UTC",
    ):
        assert told in found


def test_it_says_how_long_the_disk_lasts(recordings_folder: Path) -> None:
    client = signed_in_staff("olga")
    assert re.search(
        r"Disk of the (spool|recordings) (> 10 years|[\d,]+ (days|hours)) left Free [\d,.]+ GiB", text_of(client)
    )
    a_heard_session(started_at=timezone.now(), duration_ms=10**13)  # as if thousands spoke all day
    cache.clear()
    assert re.search(r'<b class="bad">\d+ hours</b> left', client.get("/admin/").text)


def test_it_shows_each_only_what_they_may_see() -> None:
    assert 'id="dashboard-' not in signed_in_staff("otto").get("/admin/").text
    person("otto").user_permissions.add(Permission.objects.get(codename="view_call"))
    page = signed_in_staff("otto").get("/admin/").text
    assert 'id="dashboard-calls"' in page
    for part in ("now", "hours", "failures", "spool", "disk-1"):
        assert f'id="dashboard-{part}"' not in page


def test_it_costs_the_same_however_much_there_is(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = signed_in_staff("olga")
    client.get("/admin/")
    with django_assert_num_queries(11):  # the figures of days are kept for a minute
        client.get("/admin/")
    for number in range(30):
        a_call(state="failed", end_reason=f"reason {number}", created_at=timezone.now() - timedelta(hours=number % 20))
        a_session(live=True, state="recording")
    cache.clear()
    with django_assert_num_queries(21):
        client.get("/admin/")


def test_its_bars_are_in_proportion() -> None:
    rows = ranked([("one", 1, ""), ("none", 0, ""), ("four", 4, ""), ("two", 2, "")], 2)
    assert [(row.words, row.share) for row in rows] == [("four", 100), ("two", 50)]
