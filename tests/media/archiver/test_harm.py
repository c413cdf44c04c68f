"""One stream cannot hurt another, and nothing that a person may still want is thrown away."""

from pathlib import Path

import pytest
from pytest_django import Settings

from media.archiver.worker import Archive, Loop
from media.models import Participant, StreamSession
from media.spool import folder as folders
from media.spool.writer import SpoolWriter
from media.stream.speak import acs_audio
from tests.media.spooled import NOON, SECOND, Caller, archive_all, gaps, heard, speech

pytestmark = pytest.mark.django_db


def test_it_takes_a_close_reason_that_postgresql_cannot_hold(disk: Path, spool: SpoolWriter) -> None:
    first, second, pcm = Caller(spool), Caller(spool, number=2), speech(3)
    first.talk(pcm, NOON)
    spool.closed(1, NOON + 4 * SECOND, {"by": "peer", "code": 4000, "reason": "bye\x00bye", "failure": ""})
    second.talk(pcm, NOON)
    second.hang_up(NOON + 4 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    assert set(StreamSession.objects.values_list("state", "live")) == {("ended", False)}
    assert heard(second.session_id) == {"4:+15550100": pcm}


def test_it_keeps_what_nobody_can_place_and_archives_the_neighbours(disk: Path, spool: SpoolWriter) -> None:
    spool.opened(1, NOON, {"connection": "no id at all"})
    caller, pcm = Caller(spool, number=2), speech(3)
    caller.talk(pcm, NOON)
    caller.hang_up(NOON + 4 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    assert heard(caller.session_id) == {"4:+15550100": pcm}
    assert [path.name for path in (disk / "spool").iterdir()] == [f"kept-{spool.folder.name}"]


def test_it_survives_a_file_of_somebody_else_in_a_spool(disk: Path, spool: SpoolWriter) -> None:
    (spool.folder / "copy of 1.db").write_bytes(b"an administrator's")
    caller, pcm = Caller(spool), speech(3)
    caller.talk(pcm, NOON)
    caller.hang_up(NOON + 4 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    assert heard(caller.session_id) == {"4:+15550100": pcm}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_it_outlives_a_fault_of_its_own(disk: Path, spool: SpoolWriter, settings: Settings) -> None:
    caller = Caller(spool)
    caller.talk(speech(3), NOON)
    spool.close()
    settings.CHUNK_SECONDS = "ten"
    loop = Loop(Archive(disk / "spool", orphans_only=False))
    loop.once()
    assert "str" in loop.fault
    settings.CHUNK_SECONDS = 10
    loop.once()
    assert not loop.fault
    loop.archive.close()
    assert StreamSession.objects.get().received == 150


def test_it_loses_only_the_segment_that_is_damaged(disk: Path) -> None:
    """Each segment begins with what is known of the open connections, so the others can be read without it."""
    spool = SpoolWriter(disk / "spool")
    caller, pcm = Caller(spool), speech(9)
    for part in range(3):
        caller.talk(pcm[part * 96_000 : (part + 1) * 96_000], NOON + part * 3 * SECOND)
        spool.flush(5)
        spool._segment_began = -100.0  # the next commit begins a new segment
    caller.hang_up(NOON + 10 * SECOND)
    spool.close()
    segments = folders.segments(spool.folder)
    assert len(segments) >= 3
    second = next(path for first, path in segments[1:])
    second.write_bytes(b"torn" * 4096)
    Path(f"{second}-wal").unlink(missing_ok=True)
    archive_all(disk / "spool")
    kept = heard(caller.session_id)["4:+15550100"]
    assert kept == pcm[:96_000] + bytes(96_000) + pcm[192_000:]
    assert gaps(caller.session_id) == [("malformed", 48_000)]
    (folder,) = (disk / "spool").iterdir()
    assert folder.name.startswith("kept-")
    assert (folder / "broken" / second.name).exists()


def test_it_stores_nothing_of_a_format_that_would_be_noise(disk: Path, spool: SpoolWriter) -> None:
    caller = Caller(spool)
    stereo = '{"kind":"AudioMetadata","audioMetadata":{"encoding":"PCM","sampleRate":16000,"channels":2,"length":1280}}'
    frames = [acs_audio(NOON + n * 20_000_000, "4:+1", bytes(1280), False) for n in range(200)]
    caller.say([stereo, *frames[:100]], NOON, audio=100, step=20_000_000)
    caller.say(frames[100:], NOON + 2 * SECOND, audio=100, step=20_000_000)
    caller.hang_up(NOON + 5 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    session = StreamSession.objects.get()
    assert not session.participants.exists()
    assert (session.received, session.malformed) == (0, 200)


def test_it_counts_the_time_of_a_batch_of_duplicates(disk: Path, spool: SpoolWriter) -> None:
    first, pcm = Caller(spool), speech(1)
    first.talk(pcm, NOON)
    first.hang_up(NOON + SECOND, by="lost", code=1006)
    again = Caller(spool, number=2, url=first.url, opened=NOON + SECOND)
    again.talk(pcm, NOON, delay=SECOND)
    again.hang_up(NOON + 3 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    lane = Participant.objects.get()
    assert (lane.received, lane.duplicate, lane.duplicate_ticks // 48) == (100, 50, 1000)
