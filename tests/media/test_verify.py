"""`manage.py verify` finds every difference between what is stored and what was."""

import uuid
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from pytest_django import Settings

from media.models import AudioChunk, Gap, Participant, StreamSession
from media.storage import recordings
from tests.media.recorded import a_participant, a_recorded_session, add, speech
from tests.media.rows import a_gap

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_recordings(settings: Settings, tmp_path: Path) -> None:
    entry = {"BACKEND": "media.storage.FileRecordings", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "recordings": entry}


def verify(*words: str) -> tuple[int, str]:
    """The exit code and what was said."""
    out = StringIO()
    try:
        call_command("verify", *words, stdout=out, stderr=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def a_session_that_adds_up() -> StreamSession:
    """12 s in two chunks, a gap of 3 s, 1 s more; the counters as the archiver would have written them."""
    session = a_recorded_session(gap_ms=3000, gap_count=1)
    lane = a_participant(session, "4:+1", speech(12))
    a_gap(session, lane, 12_000, 3_000)
    add(lane, speech(1, seed=2), 15_000)
    Participant.objects.filter(pk=lane.pk).update(stored_ticks=13_000 * 48, gap_ticks=3_000 * 48)
    session.refresh_from_db()
    return session


def test_it_finds_nothing_where_nothing_is_wrong() -> None:
    session = a_session_that_adds_up()
    code, said = verify(str(session.pk))
    assert said.splitlines()[-1] == "1 sessions, 3 chunks, 0 differences."
    assert code == 0
    assert verify("--all")[0] == 0


def test_it_counts_zeros_in_a_chunk_as_a_gap() -> None:
    session = a_recorded_session(gap_ms=1000)
    lane = a_participant(session, "4:+1", speech(5))
    a_gap(session, lane, 2_000, 1_000, connection=lane.chunks.get().connection)
    Participant.objects.filter(pk=lane.pk).update(stored_ticks=4_000 * 48, gap_ticks=1_000 * 48)
    assert verify("--all")[0] == 0


def test_it_takes_chunks_that_overlap_at_a_reconnect() -> None:
    session = a_recorded_session()
    lane = a_participant(session, "4:+1", speech(5))
    add(lane, speech(5), 4_900)
    Participant.objects.filter(pk=lane.pk).update(stored_ticks=10_000 * 48)
    assert verify("--all")[0] == 0


def last_chunk() -> AudioChunk:
    return AudioChunk.objects.order_by("position").reverse()[0]


def lose_the_file() -> None:
    recordings().delete(last_chunk().file)


def cut_the_file() -> None:
    recordings().put(last_chunk().file, recordings().read(last_chunk().file)[:100])


def swap_the_files() -> None:
    first = AudioChunk.objects.order_by("position")[0]
    recordings().put(last_chunk().file, recordings().read(first.file))


def forget_a_gap() -> None:
    Gap.objects.all().delete()


def forget_a_chunk() -> None:
    last_chunk().delete()


def count_wrongly() -> None:
    Participant.objects.update(stored=F("stored") + 1, received=F("received") + 1)


def lengthen_the_session() -> None:
    StreamSession.objects.update(duration_ms=F("duration_ms") + 20)


def shorten_the_peaks() -> None:
    AudioChunk.objects.update(peaks=b"\0\0")


def forge_the_hash() -> None:
    AudioChunk.objects.update(pcm_sha256="0" * 64)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lose_the_file, "the file is missing"),
        (cut_the_file, "the file was changed"),
        (swap_the_files, "160000 samples at 16000 Hz where 16000 at 16000 Hz were stored"),
        (forget_a_gap, "3000 ms from 12000 ms on are neither stored nor a gap"),
        (forget_a_chunk, "its chunks do not reach from its first to its last frame"),
        (count_wrongly, "stored is 0, and 1 over its participants"),
        (lengthen_the_session, "duration_ms is 16020, not 16000"),
        (shorten_the_peaks, "its peaks have 2 bytes where 100 belong"),
        (forge_the_hash, "its samples are not those that were stored"),
    ],
)
def test_it_finds_every_harm(harm: Callable[[], None], sentence: str) -> None:
    session = a_session_that_adds_up()
    harm()
    code, said = verify(str(session.pk))
    assert sentence in said
    assert code == 1


def test_it_compares_the_files_of_a_running_session_but_not_its_counters() -> None:
    session = a_session_that_adds_up()
    StreamSession.objects.update(live=True, state="recording", duration_ms=0)
    code, said = verify(str(session.pk))
    assert code == 0
    assert "is not final yet" in said


def test_it_refuses_ids_that_it_does_not_know() -> None:
    unknown = uuid.uuid4()
    with pytest.raises(CommandError, match=f"There is no session {unknown}"):
        verify(str(unknown))
    with pytest.raises(CommandError, match="'4711' is not a session's id; that is a UUID"):
        verify("4711")


def test_it_wants_to_be_told_what_to_read() -> None:
    with pytest.raises(CommandError, match="required"):
        verify()
