"""A socket that comes back joins its session, in whatever order its connections are archived."""

from pathlib import Path
from typing import Any

import pytest

from media.archiver.worker import Archive
from media.models import StreamSession
from media.sessions.deletion import delete_session
from media.spool.writer import SpoolWriter
from tests.media.spooled import NOON, SECOND, Caller, archive_all, gaps, heard, speech
from tests.people import person

pytestmark = pytest.mark.django_db


def test_it_joins_a_reconnect_to_its_session_with_the_gap_named(disk: Path, spool: SpoolWriter) -> None:
    first, pcm = Caller(spool), speech(20)
    first.talk(pcm[:320_000], NOON)
    first.hang_up(NOON + 10 * SECOND, by="lost", code=1006)
    again = Caller(spool, number=2, url=first.url, opened=NOON + 13 * SECOND)
    again.talk(pcm[320_000:], NOON + 13 * SECOND)
    again.hang_up(NOON + 23 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    session = StreamSession.objects.get()
    assert session.connections.count() == 2
    assert gaps(session.id) == [("socket_lost", 3 * 16_000)]
    assert heard(session.id) == {"4:+15550100": pcm[:320_000] + bytes(96_000) + pcm[320_000:]}
    assert session.gap_ms == 3000


def test_it_joins_them_in_whatever_order_they_are_archived(disk: Path) -> None:
    early, late = SpoolWriter(disk / "early"), SpoolWriter(disk / "late")
    first, pcm = Caller(early), speech(20)
    first.talk(pcm[:320_000], NOON)
    first.hang_up(NOON + 10 * SECOND, by="lost", code=1006)
    again = Caller(late, url=first.url, opened=NOON + 13 * SECOND)
    again.talk(pcm[320_000:], NOON + 13 * SECOND)
    again.hang_up(NOON + 23 * SECOND)
    early.close()
    late.close()
    archive_all(disk / "late")
    assert gaps(first.session_id) == []
    archive_all(disk / "early")
    assert gaps(first.session_id) == [("socket_lost", 3 * 16_000)]
    assert heard(first.session_id) == {"4:+15550100": pcm[:320_000] + bytes(96_000) + pcm[320_000:]}


def test_it_stores_frames_once_that_both_connections_sent(disk: Path, spool: SpoolWriter) -> None:
    """ACS re-dials and sends its last half second again."""
    first, pcm = Caller(spool), speech(20)
    first.talk(pcm[:320_000], NOON)
    first.hang_up(NOON + 10 * SECOND, by="lost", code=1006)
    again = Caller(spool, number=2, url=first.url, opened=NOON + 10 * SECOND)
    again.talk(pcm[304_000:], NOON + 10 * SECOND - SECOND // 2, delay=SECOND // 2)
    again.hang_up(NOON + 21 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    session = StreamSession.objects.get()
    assert heard(session.id) == {"4:+15550100": pcm}
    assert (session.received, session.stored, session.duplicate) == (1025, 1000, 25)


def test_it_takes_up_an_interrupted_session_when_its_socket_returns(
    disk: Path, spool: SpoolWriter, settings: Any
) -> None:
    settings.MEDIA_REJOIN_SECONDS = 0
    first, pcm = Caller(spool), speech(10)
    first.talk(pcm[:160_000], NOON)
    first.hang_up(NOON + 5 * SECOND, by="lost", code=1006)
    spool.flush(5)
    archive_all(disk / "spool")
    assert StreamSession.objects.get().state == "interrupted"
    again = Caller(spool, number=2, url=first.url, opened=NOON + 60 * SECOND)
    again.talk(pcm[160_000:], NOON + 60 * SECOND)
    again.hang_up(NOON + 65 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    assert StreamSession.objects.get().state == "ended"
    assert gaps(first.session_id) == [("socket_lost", 55 * 16_000)]


def test_it_puts_audio_of_a_deleted_session_into_a_new_one(disk: Path, spool: SpoolWriter) -> None:
    caller, pcm = Caller(spool), speech(40)
    caller.talk(pcm[:640_000], NOON)
    spool.flush(5)
    archive = Archive(disk / "spool", orphans_only=False)
    archive.step()
    delete_session(StreamSession.objects.get(), person("ada"), "admin")
    caller.talk(pcm[640_000:], NOON + 20 * SECOND)
    caller.hang_up(NOON + 41 * SECOND)
    spool.close()
    for _ in range(4):
        archive.step()
    archive.close()
    session = StreamSession.objects.get()
    assert session.id != caller.session_id
    kept = heard(session.id)["4:+15550100"]
    assert pcm.endswith(kept)
    assert len(kept) >= 640_000
