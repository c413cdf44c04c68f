"""One SQLite segment of a spool: made, written, read. WAL, so that the archiver reads while the owner writes."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from media.spool.folder import remove_segment, sync_folder
from media.spool.rows import Row

SCHEMA = """CREATE TABLE row (
    seq INTEGER PRIMARY KEY, connection INTEGER NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL,
    audio INTEGER NOT NULL, malformed INTEGER NOT NULL, unknown INTEGER NOT NULL, body BLOB NOT NULL)"""
HEAD = "seq, connection, kind, at, audio, malformed, unknown, length(body)"
PAGE_BYTES = 16_384  # a row of a socket lies in one page: written for 0.6 and read for 0.7 of what pages of 4 KiB take
READ_TIMEOUT = 5.0
WRITE_TIMEOUT = 1.0  # nobody but the owner writes; whoever holds the lock longer is passed by with a new segment

Columns = tuple[int, int, int, int, int, int, bytes]


def make_segment(path: Path) -> sqlite3.Connection:
    """A new, empty, durable segment. Every commit is synced (FULL); nothing is copied back while it is written."""
    remove_segment(path)  # left by an attempt that failed before its first commit
    made = path.with_suffix(".new")
    made.unlink(missing_ok=True)
    database = sqlite3.connect(made, isolation_level=None, check_same_thread=False)
    database.execute(f"PRAGMA page_size={PAGE_BYTES}")
    database.execute(SCHEMA)
    database.close()
    made.rename(path)
    sync_folder(path.parent)
    database = sqlite3.connect(path, isolation_level=None, timeout=WRITE_TIMEOUT, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("PRAGMA wal_autocheckpoint=0")
    return database


def append(database: sqlite3.Connection, first_seq: int, rows: Iterable[Columns]) -> int:
    """Writes all rows in one synced commit; all or none. Returns the next free seq."""
    seq = first_seq

    def numbered() -> Iterator[tuple[int, int, int, int, int, int, int, bytes]]:
        nonlocal seq
        for row in rows:
            yield (seq, *row)
            seq += 1

    database.execute("BEGIN IMMEDIATE")
    try:
        database.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?)", numbered())
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
    return seq


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Raises sqlite3.Error where the file is torn. Read-write underneath: a dead owner's WAL must be recovered."""
    database = sqlite3.connect(path, isolation_level=None, timeout=READ_TIMEOUT, check_same_thread=False)
    database.execute("PRAGMA wal_autocheckpoint=0")
    return database


def open_to_look(path: Path) -> sqlite3.Connection:
    """For one glance beside the archiver: writes nothing, nor anything back when it is closed. Raises sqlite3.Error."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=READ_TIMEOUT)


def heads_of(database: sqlite3.Connection, connection: int, after: int, before: int) -> list[Row]:
    """Rows of one connection without bodies, by seq. Passes all rows of that span, but reads no body."""
    sql = f"SELECT {HEAD} FROM row WHERE seq > ? AND seq < ? AND connection = ? ORDER BY seq"  # noqa: S608
    return [Row(*columns) for columns in database.execute(sql, (after, before, connection))]


def heads_after(database: sqlite3.Connection, seq: int, limit: int) -> list[Row]:
    """Rows without bodies, oldest first: what the archiver scans each second."""
    found = database.execute(f"SELECT {HEAD} FROM row WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))  # noqa: S608
    return [Row(*columns) for columns in found]


def bodies(database: sqlite3.Connection, seqs: Sequence[int]) -> Iterator[Row]:
    """Whole rows by seq, ascending."""
    wanted = "SELECT value FROM json_each(?)"
    sql = f"SELECT {HEAD}, body FROM row WHERE seq IN ({wanted}) ORDER BY seq"  # noqa: S608
    for columns in database.execute(sql, (json.dumps(list(seqs)),)):
        yield Row(*columns)
