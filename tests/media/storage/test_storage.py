import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation

from media.errors import PrivateRecording
from media.storage import FileRecordings, recordings

NAME = "sessions/5d1f/piece.flac"


@pytest.fixture
def storage(tmp_path: Path) -> FileRecordings:
    return FileRecordings(location=tmp_path / "recordings")


def test_it_gives_back_what_was_put(storage: FileRecordings) -> None:
    storage.put(NAME, b"\x00\xff" * 1000)
    assert storage.read(NAME) == b"\x00\xff" * 1000


def test_it_replaces_an_older_file(storage: FileRecordings) -> None:
    storage.put(NAME, b"older, longer")
    storage.put(NAME, b"newer")
    assert storage.read(NAME) == b"newer"


def test_it_keeps_other_accounts_out_whatever_the_umask(storage: FileRecordings) -> None:
    before = os.umask(0)
    try:
        storage.put(NAME, b"audio")
    finally:
        os.umask(before)
    path = Path(storage.path(NAME))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parents[1], path.parents[2])} == {
        0o700
    }


def test_it_leaves_the_old_file_and_nothing_else_when_it_cannot_write(storage: FileRecordings) -> None:
    storage.put(NAME, b"older")
    with pytest.raises(TypeError):
        storage.put(NAME, 5)  # type: ignore[arg-type]
    assert [path.name for path in Path(storage.path(NAME)).parent.iterdir()] == ["piece.flac"]
    assert storage.read(NAME) == b"older"


def test_a_reader_never_sees_half_a_file(storage: FileRecordings) -> None:
    long, longer = b"a" * 3_000_000, b"b" * 3_000_001
    storage.put(NAME, long)

    def put_in_turn(contents: list[bytes]) -> None:
        for content in contents:
            storage.put(NAME, content)

    with ThreadPoolExecutor(1) as other:
        writing = other.submit(put_in_turn, [longer, long] * 10)
        while not writing.done():
            assert storage.read(NAME) in {long, longer}


def test_it_says_when_there_is_no_such_file(storage: FileRecordings) -> None:
    with pytest.raises(FileNotFoundError):
        storage.read("sessions/none.flac")
    storage.delete("sessions/none.flac")


def test_it_fails_with_an_os_error_where_its_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    with pytest.raises(OSError, match="taken"):
        FileRecordings(location=tmp_path / "taken").put(NAME, b"audio")


def test_it_does_not_leave_its_folder(storage: FileRecordings) -> None:
    with pytest.raises(SuspiciousFileOperation):
        storage.put("../outside.flac", b"audio")


def test_a_recording_has_no_url(storage: FileRecordings) -> None:
    with pytest.raises(PrivateRecording, match="no URL of their own"):
        storage.url(NAME)


def test_the_installation_has_one_place_for_recordings(recordings_folder: Path) -> None:
    recordings().put(NAME, b"audio")
    assert (recordings_folder / NAME).read_bytes() == b"audio"
    assert recordings().exists(NAME)
