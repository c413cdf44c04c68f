"""From spool rows to chunks and states: exactly once, in whatever order, whatever was interrupted."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from media.archiver.foresight import foresee
from media.archiver.sweep import sweep
from media.archiver.worker import Archive
from media.models import AudioChunk, Connection, Participant, StreamMessage, StreamSession
from media.spool import writer
from media.spool.writer import SpoolWriter
from media.stream.speak import acs_audio
from media.verify import chunks_of, counter_differences, file_differences, level_differences
from tests.media.spooled import FRAME, NOON, SECOND, Caller, archive_all, gaps, heard, speech

pytestmark = pytest.mark.django_db


def test_it_keeps_a_lane_byte_for_byte(disk: Path, spool: SpoolWriter) -> None:
    caller, pcm = Caller(spool), speech(35)
    caller.talk(pcm, NOON)
    caller.hang_up(NOON + 36 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    session = StreamSession.objects.get(id=caller.session_id)
    assert heard(session.id) == {"4:+15550100": pcm}
    assert (session.state, session.live, session.received, session.stored) == ("ended", False, 1750, 1750)
    assert 3 <= AudioChunk.objects.count() <= 6
    assert not list((disk / "spool").glob("*"))


def test_it_archives_a_running_stream_up_to_a_chunk_ago(disk: Path, spool: SpoolWriter) -> None:
    caller, pcm = Caller(spool), speech(30)
    caller.talk(pcm, NOON)
    assert spool.flush(5)
    archive_all(disk / "spool")
    session = StreamSession.objects.get(id=caller.session_id)
    assert session.live
    assert session.received == 1500
    assert session.duration_ms >= 15_000
    kept = heard(session.id)["4:+15550100"]
    assert kept == pcm[: len(kept)]


def test_it_gives_the_same_result_in_many_small_steps_as_in_one(disk: Path, spool: SpoolWriter) -> None:
    caller, pcm = Caller(spool), speech(25)
    archive = Archive(disk / "spool", orphans_only=False)
    for second in range(25):
        caller.talk(pcm[second * 32_000 : (second + 1) * 32_000], NOON + second * SECOND)
        spool.flush(5)
        archive.step()
    caller.hang_up(NOON + 26 * SECOND)
    spool.close()
    archive.step()
    archive.step()
    archive.close()
    assert heard(caller.session_id) == {"4:+15550100": pcm}


def test_it_repeats_nothing_when_an_archiver_starts_anew(disk: Path, spool: SpoolWriter) -> None:
    caller, pcm = Caller(spool), speech(40)
    for part in range(4):
        caller.talk(pcm[part * 320_000 : (part + 1) * 320_000], NOON + part * 10 * SECOND)
        spool.flush(5)
        archive_all(disk / "spool", rounds=2)
    caller.hang_up(NOON + 41 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    assert heard(caller.session_id) == {"4:+15550100": pcm}
    assert StreamSession.objects.get(id=caller.session_id).stored == 2000


def test_it_drops_a_batch_whose_cursor_somebody_else_moved(disk: Path, spool: SpoolWriter) -> None:
    caller, pcm = Caller(spool), speech(30)
    caller.talk(pcm, NOON)
    spool.flush(5)
    one, other = Archive(disk / "spool", orphans_only=False), Archive(disk / "spool", orphans_only=False)
    one.step()
    for path, archive in one.spools.items():  # a second archiver that holds no lock: what must never happen
        archive.lock.release()
        assert path not in other.spools
    chunks = AudioChunk.objects.count()
    other.step()
    one.step()
    assert AudioChunk.objects.count() == chunks
    one.close()
    other.close()


def test_it_waits_for_a_frame_that_is_overtaken_while_the_stream_stalls(
    disk: Path, spool: SpoolWriter, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that is due just then; the next frame may belong before its last. How late it is tells another socket."""
    monkeypatch.setattr(writer, "TICK_SECONDS", 1_000_000.0)
    settings.SPOOL_DIR = disk / "spool"
    pcm = speech(4)
    caller, clock, frames = Caller(spool), Caller(spool, 2), [pcm[at : at + 640] for at in range(0, len(pcm), 640)]
    sent = {number: acs_audio(NOON + number * FRAME, None, frame, False) for number, frame in enumerate(frames)}
    archive = Archive(disk / "spool", orphans_only=False)
    for number in [*range(95), 96]:
        caller.say([sent[number]], NOON + number * FRAME)
    clock.say(["{}"], NOON + 13 * SECOND // 4)
    spool.flush(5)
    archive.step()
    foreseen = foresee(caller.session_id)
    assert AudioChunk.objects.count() == 0, "two seconds are due, if nothing else"
    assert foreseen
    assert [gap.samples for gap in foreseen.gaps] == [320], "as it will be, should nothing follow"
    after = NOON + 96 * FRAME + 2 * SECOND
    for place, number in enumerate([95, *range(97, 200)]):
        caller.say([sent[number]], after + place * FRAME)
    spool.flush(5)
    archive.step()
    assert AudioChunk.objects.count() == 1
    caller.hang_up(after + 3 * SECOND)
    spool.close()
    archive.step()
    archive.close()
    assert heard(caller.session_id) == {None: pcm}
    assert gaps(caller.session_id) == []
    assert Participant.objects.get().late == 0


def test_it_shows_gaps_with_their_length_and_never_closes_them_up(disk: Path, spool: SpoolWriter) -> None:
    caller, pcm = Caller(spool), speech(20)
    caller.talk(pcm[:320_000], NOON)
    caller.talk(pcm[320_000:], NOON + 15 * SECOND)
    caller.hang_up(NOON + 26 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    lane = Participant.objects.get()
    assert gaps(caller.session_id) == [("provider_silent", 5 * 16_000)]
    assert heard(caller.session_id) == {"4:+15550100": pcm[:320_000] + bytes(160_000) + pcm[320_000:]}
    assert (lane.stored_ticks // 48, lane.gap_ticks // 48) == (20_000, 5_000)


def test_it_names_a_death_of_our_process(disk: Path, spool: SpoolWriter, settings: Any) -> None:
    settings.MEDIA_REJOIN_SECONDS = 0
    caller, pcm = Caller(spool), speech(5)
    caller.talk(pcm, NOON)
    spool.close()  # without a `closed` row: as after kill -9
    archive_all(disk / "spool")
    session = StreamSession.objects.get()
    assert (session.state, session.live) == ("interrupted", False)
    assert gaps(session.id) == [("server_stopped", None)]
    assert heard(session.id) == {"4:+15550100": pcm}


def test_it_keeps_what_is_not_audio_and_what_cannot_be_read(
    disk: Path, spool: SpoolWriter, recordings_folder: Path
) -> None:
    caller = Caller(spool)
    tone = '{"kind":"DtmfData","dtmfData":{"data":"5","timestamp":"2026-11-22T12:00:00Z"}}'
    strange = '{"kind":"VideoData","videoData":{}}'
    caller.say([tone, strange, "not json", acs_audio(NOON, "4:+1", bytes(640), False)], NOON, audio=1, step=FRAME)
    caller.hang_up(NOON + SECOND)
    spool.close()
    archive_all(disk / "spool")
    session = StreamSession.objects.get()
    kinds = list(StreamMessage.objects.values_list("kind", flat=True))
    assert kinds == ["AudioMetadata", "DtmfData", "VideoData"]
    assert (session.malformed, session.unknown, session.received) == (1, 1, 1)
    (quarantine,) = (recordings_folder / "sessions" / str(session.id)).glob("quarantine-*.jsonl")
    assert json.loads(quarantine.read_text())["message"] == "not json"


def test_it_caps_the_quarantine(disk: Path, spool: SpoolWriter) -> None:
    caller = Caller(spool)
    for second in range(4):
        caller.say(["x" * 10_000] * 50, NOON + second * SECOND, audio=0)
    caller.hang_up(NOON + 5 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    session = StreamSession.objects.get()
    assert session.malformed == 200
    assert 0 < session.quarantined_bytes <= 1 << 20


def test_it_survives_a_lane_with_an_impossible_name(disk: Path, spool: SpoolWriter) -> None:
    caller = Caller(spool)
    caller.say([acs_audio(NOON, "8:acs:" + "x" * 505, bytes(640), False)], NOON)
    caller.hang_up(NOON + SECOND)
    spool.close()
    archive_all(disk / "spool")
    assert len(Participant.objects.get().raw_id or "") == 500


def test_it_leaves_everything_as_verify_wants_it(disk: Path, spool: SpoolWriter) -> None:
    caller = Caller(spool)
    caller.talk(speech(12), NOON, lane="4:+1")
    caller.talk(speech(9, seed=2), NOON + 3 * SECOND, lane="8:orgid:2")
    caller.talk(speech(5, seed=3), NOON + 17 * SECOND, lane="4:+1")
    caller.hang_up(NOON + 23 * SECOND)
    spool.close()
    archive_all(disk / "spool")
    session = StreamSession.objects.get()
    assert list(counter_differences(session)) == []
    for chunk in chunks_of(session):
        assert [*file_differences(chunk), *level_differences(chunk)] == []


def test_it_waits_quietly_until_the_recordings_can_be_written(
    disk: Path, spool: SpoolWriter, recordings_folder: Path
) -> None:
    caller, pcm = Caller(spool), speech(5)
    caller.talk(pcm, NOON)
    caller.hang_up(NOON + 6 * SECOND)
    spool.close()
    (recordings_folder).write_text("a file where the folder should be")
    archive = Archive(disk / "spool", orphans_only=False)
    with pytest.raises(OSError, match="recordings of a test"):
        archive.step()
    assert AudioChunk.objects.count() == 0
    (recordings_folder).unlink()
    archive.step()
    archive.close()
    assert heard(caller.session_id) == {"4:+15550100": pcm}
    assert Connection.objects.get().archived


def test_it_sweeps_files_that_no_row_names(
    disk: Path, spool: SpoolWriter, recordings_folder: Path, settings: Any
) -> None:
    settings.MEDIA_REJOIN_SECONDS = 0
    caller = Caller(spool)
    caller.talk(speech(5), NOON)
    spool.close()  # without a `closed` row: as after kill -9
    archive_all(disk / "spool")
    folder = recordings_folder / "sessions" / str(caller.session_id)
    (folder / "orphan.flac").write_bytes(b"left by a batch that was never committed")
    kept = set(folder.glob("*")) - {folder / "orphan.flac"}
    ended = StreamSession.objects.get().ended_at
    assert ended is not None
    assert sweep(ended + timedelta(minutes=30)) == 0
    assert sweep(ended + timedelta(hours=2)) == 1
    assert set(folder.glob("*")) == kept
