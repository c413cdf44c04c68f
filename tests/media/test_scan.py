"""The archiver's reading of a spool: each row once, and again where whoever takes it fails."""

import contextlib
from pathlib import Path

import pytest

from media.archiver.scan import Fact, Scan
from media.spool.rows import CLOSED, OPENED, Row
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


def taken(scan: Scan, fails_at: int = 0) -> list[int]:
    """The seqs that were taken; OSError at `fails_at`, as while the database is away."""
    seqs = []
    with contextlib.suppress(OSError):
        for found in scan.advance():
            row: Row = found.row if isinstance(found, Fact) else found
            if row.seq == fails_at:
                raise OSError
            seqs.append(row.seq)
    return seqs


def test_it_reads_each_row_once(spool: SpoolWriter) -> None:
    scan = Scan(spool.folder)
    whole = taken(scan)
    assert whole == sorted(set(whole))
    assert taken(scan) == []
    assert scan.caught_up


@pytest.mark.parametrize("kind", [OPENED, CLOSED])
def test_it_gives_a_row_again_whose_taker_failed(spool: SpoolWriter, kind: int) -> None:
    whole = taken(Scan(spool.folder))
    facts = [found.row for found in Scan(spool.folder).advance() if isinstance(found, Fact)]
    scan = Scan(spool.folder)
    for row in facts:
        if row.kind == kind:
            taken(scan, fails_at=row.seq)
            assert not scan.caught_up
            assert scan.position < row.seq, "nothing at or after it may be let go"
    second = Scan(spool.folder)
    first_try = taken(second, fails_at=facts[2].seq)
    assert first_try + taken(second) == whole
