"""Figures of a running session count what its spool holds beyond what is archived; nothing is written for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.forms.models import model_to_dict
from pytest_django import DjangoAssertNumQueries

from media.api.shapes import whole
from media.archiver.worker import Archive
from media.models import Connection, Participant, StreamSession
from media.pages.session_page import page
from media.sessions import figures_now
from media.spool.writer import SpoolWriter
from tests.media.spooled import NOON, SECOND, Caller, archive_all, speech
from tests.people import person, program_of

pytestmark = pytest.mark.django_db
LANE = "4:+15550100"


@pytest.fixture(autouse=True)
def _nothing_is_kept(disk: Path, settings: Any) -> Iterator[None]:
    settings.SPOOL_DIR = disk / "spool"
    figures_now._allowance.left = figures_now.SHARE
    yield
    figures_now._kept.clear()


@pytest.fixture
def caller(disk: Path, spool: SpoolWriter) -> Caller:
    """Its first four seconds are archived; then a second is missing, and seven more wait."""
    caller = Caller(spool)
    caller.talk(speech(4), NOON)
    spool.flush(5)
    archive = Archive(disk / "spool", orphans_only=False)
    archive.step()
    archive.close()
    caller.talk(speech(7, seed=2), NOON + 5 * SECOND)
    spool.flush(5)
    return caller


def asked(caller: Caller, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = program_of("olga").get(f"/api/v1/sessions/{caller.session_id}{query}").json()
    return found


def stored_figures(session: dict[str, Any]) -> tuple[Any, ...]:
    return session["duration_ms"], session["coverage"], [lane["frames"]["stored"] for lane in session["participants"]]


def rows() -> list[dict[str, Any]]:
    return [model_to_dict(row) for kind in (StreamSession, Connection, Participant) for row in kind.objects.all()]


def test_it_counts_what_is_not_archived(caller: Caller) -> None:
    session = asked(caller)
    (lane,) = session["participants"]
    assert lane["frames"] == {**session["frames"], "malformed": 0, "unknown": 0}
    assert (session["frames"]["received"], session["frames"]["stored"]) == (550, 550)
    assert lane["coverage"] == {"expected_ms": 12_000, "received_ms": 11_000, "stored_ms": 11_000, "gap_ms": 1_000}
    assert session["coverage"] == lane["coverage"]
    assert (session["duration_ms"], session["channels"], session["live"]) == (12_000, "unmixed", True)


def test_it_says_what_is_archived_where_that_is_asked_for(caller: Caller) -> None:
    (listed,) = program_of("olga").get("/api/v1/sessions").json()["items"]
    stored = asked(caller, "?archived=true")
    assert stored == listed
    assert stored["duration_ms"] == 4_000
    assert listed["frames"]["received"] == listed["frames"]["stored"] + listed["frames"]["duplicate"]


def test_it_says_of_somebody_who_is_not_archived_yet_to_wait(caller: Caller) -> None:
    caller.talk(speech(1, seed=3), NOON + 12 * SECOND, lane="8:acs:resource_user")
    caller.spool.flush(5)
    session, ada = asked(caller), program_of("ada")
    new = next(lane["id"] for lane in session["participants"] if lane["raw_id"] != LANE)
    for place in (f"audio?participant={new}", f"waveform?participant={new}"):
        assert ada.get(f"/api/v1/sessions/{session['id']}/{place}").status_code == 409
        unknown = place.replace(new, session["id"])
        assert ada.get(f"/api/v1/sessions/{session['id']}/{unknown}").status_code == 404


def test_its_page_says_it_too(caller: Caller) -> None:
    context = page(person("olga"), whole(StreamSession.objects.all()).get())
    assert [(line.at, line.length, str(line.lane and line.lane.row)) for line in context["gap_lines"]] == [
        ("0:04.0", "1.0 s", "+15550100")
    ]
    assert (context["length"], context["gap_total"], context["session"].gap_count) == ("0:12", "1.0 s", 1)
    assert {name: count for name, count, _ in context["frames"]}["stored"] == 550


def test_it_writes_nothing(caller: Caller) -> None:
    before = rows(), {file: file.stat().st_mtime_ns for file in caller.spool.folder.iterdir()}
    asked(caller)
    shared_memory = {file.name for file in caller.spool.folder.glob("*-shm")}
    after = {file: file.stat().st_mtime_ns for file in caller.spool.folder.iterdir()}
    assert rows() == before[0]
    assert {file: at for file, at in after.items() if file.name not in shared_memory} == {
        file: at for file, at in before[1].items() if file.name not in shared_memory
    }
    assert set(after) == set(before[1])


def test_it_ends_as_it_was_said(disk: Path, caller: Caller) -> None:
    said = asked(caller)
    caller.hang_up(NOON + 12 * SECOND)
    caller.spool.flush(5)
    archive_all(disk / "spool")
    session = asked(caller)
    assert not session["live"]
    for name in ("participants", "frames", "coverage", "duration_ms", "channels", "audio_started_at"):
        assert session[name] == said[name]


def test_many_who_look_cost_what_one_costs(caller: Caller, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    session = whole(StreamSession.objects.all()).get()
    figures_now.freshen(session)
    again = whole(StreamSession.objects.all()).get()
    with django_assert_num_queries(0):
        figures_now.freshen(again)
    assert (again.stored, again.duration_ms) == (session.stored, session.duration_ms) == (550, 12_000)


def test_it_says_what_is_stored_where_it_cannot_look(caller: Caller, disk: Path, settings: Any) -> None:
    stored = stored_figures(asked(caller, "?archived=true"))
    settings.SPOOL_DIR = disk / "of another machine"
    assert stored_figures(asked(caller)) == stored
    settings.SPOOL_DIR = disk / "spool"
    figures_now._kept.clear()
    (caller.spool.folder / "broken").mkdir()
    assert stored_figures(asked(caller)) == stored


def test_it_does_not_count_a_long_backlog(caller: Caller) -> None:
    stored = stored_figures(asked(caller, "?archived=true"))
    caller.talk(speech(1), NOON + 70 * SECOND)
    caller.spool.flush(5)
    assert stored_figures(asked(caller)) == stored


def test_it_does_not_count_all_the_time(caller: Caller) -> None:
    stored = stored_figures(asked(caller, "?archived=true"))
    figures_now._allowance.left = -10.0
    assert stored_figures(asked(caller)) == stored
