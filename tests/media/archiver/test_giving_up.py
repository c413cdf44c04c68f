"""A spool that nobody hears of any more, as after a lost disk, or of a database that was restored from a dump: its
sessions become final by themselves, say what is lost, and take it back when the spool turns up."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from media import verify
from media.archiver import settle
from media.archiver.worker import Archive
from media.models import Connection, ServingProcess, StreamSession
from media.spool.writer import SpoolWriter
from tests.media.spooled import SECOND, Caller, archive_all, gaps, heard, speech

pytestmark = pytest.mark.django_db

PCM = speech(14)


def began() -> int:
    """So that its last seconds wait for more, as those of a call that runs."""
    return (time.time_ns() // SECOND - 14) * SECOND


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.MEDIA_REJOIN_SECONDS = 0
    monkeypatch.setattr(settle, "LOST_SECONDS", -1.0)


@pytest.fixture
def archive(disk: Path) -> Iterator[Archive]:
    archive = Archive(disk / "spool", orphans_only=False)
    yield archive
    archive.close()


YESTERDAY = timedelta(hours=25)


def a_day_passes() -> None:
    """Without a word of any archiver."""
    Connection.objects.update(told_at=timezone.now() - YESTERDAY, seen_at=timezone.now() - YESTERDAY)


def judged() -> StreamSession:
    settle.settle()
    settle.settle()
    return StreamSession.objects.get()


def test_a_session_is_final_a_day_after_its_spool_was_last_heard_of(
    disk: Path, spool: SpoolWriter, archive: Archive
) -> None:
    start = began()
    Caller(spool, opened=start).talk(PCM, start)
    spool.flush(5)
    archive.step()
    archive.close()
    spool.close()
    elsewhere = spool.folder.rename(disk / "another disk")
    Connection.objects.update(seen_at=timezone.now() - YESTERDAY)
    session = judged()
    assert (session.state, session.live) == ("interrupted", True), "its archiver told of it just now"
    pending = session.received - sum(lane.received for lane in session.participants.all())
    assert pending > 100
    a_day_passes()
    ServingProcess.objects.create(spool=spool.folder.name, seen_at=timezone.now())
    assert judged().live, "its process is heard of: only the archiver is away"
    ServingProcess.objects.all().delete()
    session = judged()
    assert (session.state, session.live) == ("interrupted", False)
    assert session.reason.endswith(f" is lost: at least {pending} frames of 20 ms."), session.reason
    assert list(verify.counter_differences(session)) == []
    assert session.stored == 700 - pending
    assert gaps(session.pk)[-1] == ("server_stopped", None)
    StreamSession.objects.update(live=True)  # as when something is only now known of its call
    assert judged().reason == session.reason
    assert not judged().live

    elsewhere.rename(spool.folder)
    archive_all(disk / "spool")
    session = judged()
    assert heard(session.pk) == {"4:+15550100": PCM}
    assert (session.state, session.live, session.stored) == ("interrupted", False, 700)
    assert session.reason == "This server's process died. Nothing came back."
    assert list(verify.counter_differences(session)) == []


def test_one_goes_on_whose_process_was_away_from_the_database_for_days(
    disk: Path, spool: SpoolWriter, archive: Archive
) -> None:
    start = began()
    caller = Caller(spool, opened=start)
    caller.talk(PCM[:320_000], start)
    spool.flush(5)
    archive.step()
    a_day_passes()
    assert not judged().live
    assert Connection.objects.get().closed_by == "crash"
    caller.talk(PCM[320_000:], start + 10 * SECOND)
    spool.flush(5)
    archive.step()
    connection = Connection.objects.get()
    assert (connection.closed_at, connection.closed_by, connection.lost) == (None, "", None)
    assert StreamSession.objects.get().live
    assert ("server_stopped", None) not in gaps(caller.session_id)
    caller.hang_up(start + 14 * SECOND)
    spool.close()
    for _ in range(4):
        archive.step()
    session = StreamSession.objects.get()
    assert heard(session.pk) == {"4:+15550100": PCM}
    assert (session.state, session.live, session.stored) == ("ended", False, 700)


def test_one_that_had_ended_and_was_not_archived_yet_says_so_too(
    disk: Path, spool: SpoolWriter, archive: Archive
) -> None:
    start = began() + 12 * SECOND
    caller = Caller(spool, opened=start)
    caller.talk(PCM[:32_000], start)
    spool.flush(5)
    archive.step()
    Connection.objects.update(closed_at=timezone.now(), closed_by="peer", close_code=1000)
    archive.close()
    assert judged().live
    a_day_passes()
    session = judged()
    assert (session.state, session.live, session.received) == ("ended", False, 0)
    assert session.reason.startswith("The other side closed the stream (code 1000). What its server process had not")
    assert session.reason.endswith("is lost: at least 50 frames of 20 ms.")
