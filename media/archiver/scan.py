"""Reads a spool's rows as they come, without their bodies, and knows for each connection which are not archived yet.

Memory: 48 bytes a row that waits, and at most MOST_HELD rows; a longer backlog stays on disk until there is room.
"""

import logging
import sqlite3
import uuid
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.spool import folder as folders
from media.spool.rows import CLOSED, OPENED, TICK, Row, unpack_json
from media.spool.segment import bodies, heads_after, open_for_reading

log = logging.getLogger(__name__)

MOST_HELD = 200_000
PAGE = 2_000


@dataclass(slots=True)
class Tracked:
    """A connection of this spool that is not archived whole: its waiting rows, oldest first, as parallel arrays."""

    number: int
    id: uuid.UUID
    session_id: uuid.UUID
    cursor: int = 0
    seqs: "array[int]" = field(default_factory=lambda: array("q"))
    ats: "array[int]" = field(default_factory=lambda: array("q"))
    sizes: "array[int]" = field(default_factory=lambda: array("q"))
    audio: "array[int]" = field(default_factory=lambda: array("q"))
    malformed: "array[int]" = field(default_factory=lambda: array("q"))
    unknown: "array[int]" = field(default_factory=lambda: array("q"))
    pending: int = 0
    pending_malformed: int = 0
    pending_unknown: int = 0
    last_frame_at: int = 0
    closed_seq: int = 0
    batches: int = 0
    far: bool = False  # its next batch waits until it can look further ahead
    opened: dict[str, Any] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        self.seqs.append(row.seq)
        self.ats.append(row.at)
        self.sizes.append(row.size)
        self.audio.append(row.audio)
        self.malformed.append(row.malformed)
        self.unknown.append(row.unknown)
        self.pending += row.audio
        self.pending_malformed += row.malformed
        self.pending_unknown += row.unknown
        if row.audio:
            self.last_frame_at = row.at

    def counted(self, rows: int) -> tuple[int, int, int]:
        """Audio, malformed and unknown messages in the first `rows` waiting rows, as the ingest counted them."""
        return sum(self.audio[:rows]), sum(self.malformed[:rows]), sum(self.unknown[:rows])

    def consumed(self, rows: int, cursor: int) -> None:
        """The first `rows` are archived."""
        audio, malformed, unknown = self.counted(rows)
        self.pending -= audio
        self.pending_malformed -= malformed
        self.pending_unknown -= unknown
        for column in (self.seqs, self.ats, self.sizes, self.audio, self.malformed, self.unknown):
            del column[:rows]
        self.cursor, self.far = cursor, False


@dataclass(frozen=True, slots=True)
class Fact:
    """An `opened` or `closed` row with its body."""

    row: Row
    body: dict[str, Any]


PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


def passes(error: sqlite3.Error) -> bool:
    """Whether the segment may be sound, and only cannot be read now (too many open files, a disk that fails)."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in PASSING


class Scan:
    """The archiver's view of one spool folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tracked: dict[int, Tracked] = {}
        self.position = 0
        self.caught_up = False
        self.damage: list[int] = []  # first seqs of segments that could not be read
        self.horizon = 0  # ns: everything up to here that this spool will ever hold has been scanned
        self._readers: dict[Path, sqlite3.Connection] = {}

    def held(self) -> int:
        return sum(len(tracked.seqs) for tracked in self.tracked.values())

    def advance(self) -> Iterator[list[Fact | Row]]:
        """New rows in order, by pages; `opened` and `closed` ones with their bodies. A page whose taker raises, because
        the database is away, comes again the next time."""
        self.caught_up = False
        while page := self._next_page(folders.segments(self.folder)):
            yield [self._whole(row) for row in page if row.kind != TICK]
            self.position = page[-1].seq
            for row in page:  # a tick alone shows that the clock was set back
                self.horizon = row.at if row.kind == TICK else max(self.horizon, row.at)
            if self.held() >= MOST_HELD:
                return
        self.caught_up = page is not None

    def _whole(self, row: Row) -> Fact | Row:
        if row.kind not in {OPENED, CLOSED}:
            return row
        try:
            return Fact(row, unpack_json(next(self.read([row.seq]), row).body or b"{}"))
        except sqlite3.DatabaseError as error:
            raise OSError(f"row {row.seq} in {self.folder} cannot be read: {error}") from error

    def _next_page(self, segments: list[tuple[int, Path]]) -> list[Row] | None:
        """The next rows after `position`; a segment's rows end where the next segment begins. None while they cannot be
        read, which must not look like the end: segments are let go there."""
        for index, (first, path) in enumerate(segments):
            end = segments[index + 1][0] if index + 1 < len(segments) else None
            if end is not None and end <= self.position + 1:
                continue
            try:
                page = heads_after(self._reader(path), max(self.position, first - 1), PAGE)
            except sqlite3.DatabaseError as error:
                if passes(error):
                    log.warning("Segment %s cannot be read now (%s); it is tried again.", path, error)
                    return None
                self._set_aside(path, error)
                continue
            if end is not None:
                page = [row for row in page if row.seq < end]
            if page:
                return page
        return []

    def read(self, seqs: list[int]) -> Iterator[Row]:
        """Whole rows by seq."""
        segments = folders.segments(self.folder)
        for index, (first, path) in enumerate(segments):
            end = segments[index + 1][0] if index + 1 < len(segments) else None
            here = [seq for seq in seqs if seq >= first and (end is None or seq < end)]
            if here:
                yield from bodies(self._reader(path), here)

    def drop_archived(self, everything: bool) -> int:
        """Unlinks each segment that every connection is past. With `everything` the last one too (nobody writes it)."""
        lowest = min((t.seqs[0] for t in self.tracked.values() if t.seqs), default=self.position + 1)
        lowest = min([lowest, *(t.closed_seq for t in self.tracked.values() if t.closed_seq)])
        segments = folders.segments(self.folder)
        dropped = 0
        for index, (_, path) in enumerate(segments):
            end = segments[index + 1][0] if index + 1 < len(segments) else (self.position + 1 if everything else None)
            if end is None or end > lowest:
                break
            folders.remove_segment(path)
            self._close(path)
            dropped += 1
        return dropped

    def close(self) -> None:
        for path in list(self._readers):
            self._close(path)

    def _reader(self, path: Path) -> sqlite3.Connection:
        if path not in self._readers:
            self._readers[path] = open_for_reading(path)
        return self._readers[path]

    def _close(self, path: Path) -> None:
        if reader := self._readers.pop(path, None):
            reader.close()

    def _set_aside(self, path: Path, error: sqlite3.DatabaseError) -> None:
        """A segment that a power cut tore beyond SQLite's own recovery is kept for a person, under another name."""
        self._close(path)
        self.damage.append(int(path.stem))
        log.error("Segment %s cannot be read (%s); it is kept as %s.", path, error, folders.set_aside(path))
