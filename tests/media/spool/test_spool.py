"""The spool: what was handed over is on disk, verbatim, in order, whatever happens to the process or the disk."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.archiver.scan import Fact, Scan, Tracked
from media.sessions.identity import CALL
from media.spool import folder as folders
from media.spool.folder import FolderLock
from media.spool.rows import CLOSED, MESSAGES, OPENED, Interval, Row, pack, rows_of, unpack
from media.spool.segment import append, make_segment
from media.spool.writer import SpoolWriter

MESSAGE = st.one_of(st.text(max_size=200), st.binary(max_size=200))


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[SpoolWriter]:
    writer = SpoolWriter(tmp_path / "spool dir")
    yield writer
    writer.close()


def interval(number: int, *messages: str | bytes) -> Interval:
    made = Interval(number, list(messages), list(range(len(messages))), audio=len(messages))
    made.size = sum(map(len, messages))
    return made


def read_all(folder: Path) -> list[Row]:
    scan = Scan(folder)
    found = [row for page in scan.advance() for row in page]
    heads = [row.row if isinstance(row, Fact) else row for row in found]
    rows = list(scan.read([row.seq for row in heads]))
    scan.close()
    return rows


def open_files() -> Iterator[str]:
    for file in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed while we look
            yield str(file.readlink())


def messages_in(folder: Path) -> list[str | bytes]:
    return [message for row in read_all(folder) if row.kind == MESSAGES for _, message in unpack(row.body)]


@given(st.lists(st.tuples(st.integers(0, 2**62), MESSAGE)))
def test_it_gives_back_messages_as_they_came(messages: list[tuple[int, str | bytes]]) -> None:
    body = pack([message for _, message in messages], [arrival for arrival, _ in messages])
    assert list(unpack(body)) == messages


def test_it_cuts_a_long_interval_into_rows_without_losing_a_message() -> None:
    flood = interval(1, *(f"{n:07d}" * 10_000 for n in range(50)))
    rows = list(rows_of(flood))
    assert len(rows) > 3
    assert [message for row in rows for _, message in unpack(row[-1])] == flood.messages
    assert sum(row[3] for row in rows) == flood.audio


def test_it_keeps_rows_in_order_across_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.spool.writer.SEGMENT_SECONDS", 0.05)
    spool = SpoolWriter(tmp_path / "spool dir")
    spool.opened(1, 5, {"connection": "a"})
    for number in range(30):
        spool.hand_over([interval(1, f"message {number}")])
        assert spool.flush(5)
        time.sleep(0.01)
    spool.closed(1, 6, {"by": "peer"})
    spool.close()
    begins = [first for first, _ in folders.segments(spool.folder)]
    rows = read_all(spool.folder)
    kinds = [row.kind for row in rows if row.connection and (row.kind != OPENED or row.seq not in begins[1:])]
    assert len(begins) > 3
    assert kinds == [OPENED, *[MESSAGES] * 30, CLOSED]
    assert messages_in(spool.folder) == [f"message {n}" for n in range(30)]


def test_it_is_on_disk_when_flush_returns(spool: SpoolWriter) -> None:
    """Read by a second opener, as after a kill -9: nothing is in this process's memory alone."""
    spool.hand_over([interval(1, "kept")])
    assert spool.flush(5)
    copy = spool.folder.parent / "copy"
    copy.mkdir()
    for path in spool.folder.glob("*.db*"):
        if not path.name.endswith("-shm"):
            (copy / path.name).write_bytes(path.read_bytes())
    assert messages_in(copy) == ["kept"]


def test_it_passes_by_a_segment_that_cannot_be_written(spool: SpoolWriter) -> None:
    spool.hand_over([interval(1, "first")])
    assert spool.flush(5)
    (segment,) = spool.folder.glob("*.db")
    blocker = sqlite3.connect(segment, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    spool.hand_over([interval(1, "second")])
    assert spool.flush(10)
    blocker.close()
    assert not spool.failing
    assert len(list(spool.folder.glob("*.db"))) == 2
    assert messages_in(spool.folder) == ["first", "second"]


def test_it_waits_for_a_disk_that_takes_nothing(spool: SpoolWriter) -> None:
    """The folder is away: what was handed over waits in memory and is written when it is back."""
    away = spool.folder.with_name("away")
    spool.folder.rename(away)
    spool.folder.touch()
    spool.hand_over([interval(1, "patient")])
    assert not spool.flush(2)
    assert spool.failing
    spool.folder.unlink()
    away.rename(spool.folder)
    assert spool.flush(10)
    assert not spool.failing
    assert messages_in(spool.folder) == ["patient"]


def test_it_reads_a_row_once_though_two_segments_hold_it(tmp_path: Path) -> None:
    """A commit whose answer was an error may be on disk all the same; the next segment has the rows again."""
    columns = (1, MESSAGES, 1, 1, 0, 0, pack(["x"], [1]))
    first = make_segment(folders.segment_path(tmp_path, 1))
    append(first, 1, [columns, columns])
    second = make_segment(folders.segment_path(tmp_path, 2))
    append(second, 2, [columns])
    assert [row.seq for row in read_all(tmp_path)] == [1, 2]


def test_it_survives_a_torn_last_write(tmp_path: Path) -> None:
    """A power cut: the WAL ends in the middle of a page. Everything committed before is there."""
    database = make_segment(folders.segment_path(tmp_path, 1))
    for seq in range(1, 11):
        append(database, seq, [(1, MESSAGES, seq, 1, 0, 0, pack(["x" * 3000], [seq]))])
    copy = tmp_path / "copy"
    copy.mkdir()
    (source,) = tmp_path.glob("*.db")
    wal = Path(f"{source}-wal").read_bytes()
    (copy / source.name).write_bytes(source.read_bytes())
    (copy / f"{source.name}-wal").write_bytes(wal[: len(wal) - 2000] + os.urandom(500))
    assert [row.seq for row in read_all(copy)] == list(range(1, 10))


def test_it_sets_aside_a_segment_that_is_garbage_and_goes_on(tmp_path: Path) -> None:
    database = make_segment(folders.segment_path(tmp_path, 1))
    append(database, 1, [(1, MESSAGES, 1, 1, 0, 0, pack(["x"], [1]))])
    database.close()
    folders.segment_path(tmp_path, 1).write_bytes(os.urandom(8192))
    later = make_segment(folders.segment_path(tmp_path, 2))
    append(later, 2, [(1, MESSAGES, 2, 1, 0, 0, pack(["y"], [2]))])
    assert [row.seq for row in read_all(tmp_path)] == [2]
    assert list((tmp_path / "broken").iterdir())


def test_it_unlinks_a_segment_only_when_every_connection_is_past_it(tmp_path: Path) -> None:
    for first in (1, 3):
        database = make_segment(folders.segment_path(tmp_path, first))
        append(
            database, first, [(1, MESSAGES, 1, 1, 0, 0, pack(["x"], [1])), (2, MESSAGES, 1, 1, 0, 0, pack(["x"], [1]))]
        )
    scan = Scan(tmp_path)
    for number in (1, 2):
        scan.tracked[number] = Tracked(number, CALL, CALL)
    for row in [row for page in scan.advance() for row in page]:
        assert isinstance(row, Row)
        scan.tracked[row.connection].add(row)
    scan.tracked[1].consumed(2, 3)
    assert scan.drop_archived(everything=False) == 0
    scan.tracked[2].consumed(1, 2)
    assert scan.drop_archived(everything=False) == 1
    scan.tracked[2].consumed(1, 4)
    assert scan.drop_archived(everything=False) == 0
    assert scan.drop_archived(everything=True) == 1
    scan.close()


def test_it_lets_go_of_segments_that_were_unlinked_without_copying_them_back(tmp_path: Path) -> None:
    database = make_segment(folders.segment_path(tmp_path, 1))
    append(database, 1, [(1, MESSAGES, 1, 1, 0, 0, os.urandom(3_000_000))])
    (path,) = tmp_path.glob("*.db")
    handle = path.open("rb")
    folders.remove_segment(path)
    database.close()
    assert os.fstat(handle.fileno()).st_size < 100_000
    handle.close()


def test_it_holds_no_segment_that_is_archived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.spool.writer.SEGMENT_SECONDS", 0.0)
    spool = SpoolWriter(tmp_path / "spool dir")
    for number in range(20):
        spool.hand_over([interval(1, f"message {number}")])
        assert spool.flush(5)
    for _, path in folders.segments(spool.folder)[:-1]:
        folders.remove_segment(path)
    spool.hand_over([interval(1, "the next segment")])
    assert spool.flush(5)
    began = time.monotonic()
    while gone := [file for file in open_files() if file.startswith(str(tmp_path)) and file.endswith("(deleted)")]:
        assert time.monotonic() - began < 30, gone
        time.sleep(0.005)
    assert spool.close()


def test_it_keeps_the_owners_lock_as_long_as_it_lives(spool: SpoolWriter) -> None:
    assert FolderLock.take(spool.folder / folders.OWNER) is None
    spool.close()
    lock = FolderLock.take(spool.folder / folders.OWNER)
    assert lock is not None
    lock.release()


def test_it_commits_within_a_moment_of_the_hand_over(spool: SpoolWriter) -> None:
    spool.hand_over([interval(1, "x" * 1000)])
    began = time.monotonic()
    while spool.committed_bytes < 1000:
        assert time.monotonic() - began < 30
        time.sleep(0.005)
