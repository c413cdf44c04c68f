"""The archiver's reading of a spool: each row once, and a page again where whoever takes it fails."""

import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from media.archiver.batch import Window, window
from media.archiver.scan import Fact, Scan, Tracked
from media.spool.folder import segments
from media.spool.rows import CLOSED, MESSAGES, OPENED, Row
from media.spool.writer import SpoolWriter
from tests.media.spooled import NOON, SECOND, Caller, speech


@pytest.fixture
def spool(tmp_path: Path) -> SpoolWriter:
    """Three connections that came and went."""
    made = SpoolWriter(tmp_path)
    for number in (1, 2, 3):
        caller = Caller(made, number)
        caller.talk(speech(0.2), NOON)
        caller.hang_up(NOON + SECOND)
    made.close()
    return made


def head(found: Fact | Row) -> Row:
    return found.row if isinstance(found, Fact) else found


def taken(scan: Scan) -> list[Row]:
    return [head(found) for page in scan.advance() for found in page]


def test_it_reads_each_row_once(spool: SpoolWriter) -> None:
    scan = Scan(spool.folder)
    whole = [row.seq for row in taken(scan)]
    assert whole == sorted(set(whole))
    assert taken(scan) == []
    assert scan.caught_up


def test_it_brings_what_connections_said_of_themselves(spool: SpoolWriter) -> None:
    facts = [found for page in Scan(spool.folder).advance() for found in page if isinstance(found, Fact)]
    assert {fact.row.kind for fact in facts} == {OPENED, CLOSED}
    assert all(fact.body.get("connection") or fact.body.get("by") for fact in facts)
    assert MESSAGES not in {fact.row.kind for fact in facts}


def test_it_gives_a_page_again_whose_taker_failed(spool: SpoolWriter) -> None:
    """As while the database is away: nothing at or after it may be let go."""
    scan = Scan(spool.folder)
    assert next(scan.advance()), "and its taker takes no other"
    assert not scan.caught_up
    assert scan.position == 0
    assert taken(scan) == taken(Scan(spool.folder))


def test_it_does_not_take_a_segment_that_cannot_be_read_now_for_the_end(spool: SpoolWriter) -> None:
    ((_, path),) = segments(spool.folder)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    scan = Scan(spool.folder)
    assert taken(scan) == []
    assert not scan.caught_up, "its rows would be let go"
    holder.close()
    assert taken(scan)
    assert scan.caught_up
    assert path.exists()


def test_it_sets_a_segment_aside_that_is_none(spool: SpoolWriter) -> None:
    ((_, path),) = segments(spool.folder)
    path.write_bytes(b"torn" * 2048)
    scan = Scan(spool.folder)
    assert taken(scan) == []
    assert scan.caught_up
    assert [kept.name for kept in (spool.folder / "broken").iterdir()] == [path.name]


def test_a_clock_that_is_set_back_makes_due_what_came_before() -> None:
    """Else it would be due when the clock shows that hour again."""
    hour, second = 3600 * 10**9, 10**9
    tracked = Tracked(1, uuid4(), uuid4(), batches=2)
    for number, at in enumerate((hour, hour + second // 2, second, second + second // 2), 1):
        tracked.add(Row(number, 1, MESSAGES, at, 1, 0, 0, 100))
    assert window(tracked, 2 * second, over=False, chunk_seconds=10) == Window(2, 4, last=False, far=False)
    assert window(tracked, 2 * second, over=False, chunk_seconds=0.3) == Window(1, 4, last=False, far=False)
    tracked.consumed(2, 2)
    assert window(tracked, 2 * second, over=False, chunk_seconds=10) is None
    assert window(tracked, 13 * second, over=False, chunk_seconds=10) == Window(2, 2, last=False, far=False)
    tracked.ats[1] = hour  # the last that came before it was set back; nothing came since
    assert window(tracked, 2 * second, over=False, chunk_seconds=3600) == Window(2, 2, last=False, far=False)


def test_a_batch_that_must_look_far_ahead_waits_for_it_and_only_that_one() -> None:
    second = 10**9
    tracked = Tracked(1, uuid4(), uuid4(), batches=2)
    for number in range(1, 31):
        tracked.add(Row(number, 1, MESSAGES, number * second // 2, 1, 0, 0, 100))
    early = 12 * second
    assert window(tracked, early, over=False, chunk_seconds=10) == Window(21, 23, last=False, far=False)
    tracked.far = True
    assert window(tracked, early, over=False, chunk_seconds=10) is None
    assert window(tracked, early + 2 * second, over=False, chunk_seconds=10) == Window(21, 26, last=False, far=True)
    tracked.consumed(21, 21)
    assert window(tracked, 22 * second, over=False, chunk_seconds=5) == Window(9, 9, last=False, far=False)
    assert window(tracked, early, over=True, chunk_seconds=60) == Window(9, 9, last=True, far=True)
