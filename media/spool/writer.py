"""Writes the spool: one thread, one synced commit every 100 ms for all sockets. Loses nothing it was given: while the
disk is stalled or full it keeps what it holds and tries again; how much may wait is the ingest's business
(`waiting`)."""

import logging
import queue
import sqlite3
import threading
import time
from pathlib import Path

from media.monitoring.counters import counted
from media.spool.folder import FolderLock, make_folder, segment_path
from media.spool.rows import CLOSED, OPENED, OVERLOAD, TICK, Interval, pack_json, rows_of
from media.spool.segment import Columns, append, make_segment

log = logging.getLogger(__name__)

SEGMENT_SECONDS = 10.0
TICK_SECONDS = 1.0
RETRY_SECONDS = 0.5
MOST_IN_A_COMMIT = 8 << 20  # bytes; after a stall the backlog goes out in pieces, not packed a second time as a whole
MOST_HELD_OPEN = 60


Piece = Columns | list[Interval] | threading.Event | None


class SpoolWriter:
    """The owner of one spool folder. `hand_over` is called from the event loop and never blocks."""

    def __init__(self, spool_dir: Path) -> None:
        self.folder: Path
        self.lock: FolderLock
        self.folder, self.lock = make_folder(spool_dir)
        self.committed_bytes = 0  # written by this thread alone, so reading it needs no lock
        self.durable_at = time.time()  # of the last commit; there is one each second
        self.failing = ""  # why the last commit failed, "" when it did not
        self._work: queue.SimpleQueue[Piece] = queue.SimpleQueue()
        self._next_seq = 1
        self._segment: sqlite3.Connection | None = None
        self._segment_began = 0.0
        self._first_seq = 0
        self._open: dict[int, Columns] = {}
        self._finished: list[tuple[Path, sqlite3.Connection]] = []
        self._path = self.folder
        self._over: queue.SimpleQueue[sqlite3.Connection | None] = queue.SimpleQueue()
        self._closer = threading.Thread(target=self._close_them, name="spool-close", daemon=True)
        self._closer.start()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    # --- from the event loop ----------------------------------------------------------------------------------------

    def opened(self, connection: int, at: int, facts: dict[str, object]) -> None:
        self._work.put((connection, OPENED, at, 0, 0, 0, pack_json(facts)))

    def closed(self, connection: int, at: int, facts: dict[str, object]) -> None:
        self._work.put((connection, CLOSED, at, 0, 0, 0, pack_json(facts)))

    def overload(self, connection: int, at: int, messages: int, since: int) -> None:
        body = pack_json({"messages": messages, "since": since})
        self._work.put((connection, OVERLOAD, at, 0, 0, 0, body))

    def hand_over(self, intervals: list[Interval]) -> None:
        self._work.put(intervals)

    def flush(self, seconds: float) -> bool:
        """Waits until all that was handed over is on disk; False when that took longer."""
        done = threading.Event()
        self._work.put(done)
        return done.wait(seconds)

    def close(self, seconds: float = 10.0) -> bool:
        """Ends the thread after what waits is written. The folder stays for the archiver; the owner's lock is let
        go."""
        self._work.put(None)
        self._thread.join(seconds)
        self.lock.release()
        return not self._thread.is_alive()

    # --- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        last_tick = 0.0
        ending = False
        while not ending:
            rows, size, oldest, waiters, ending = self._collect()
            if time.monotonic() - last_tick >= TICK_SECONDS or ending:
                rows.append((0, TICK, time.time_ns(), 0, 0, 0, b""))
                last_tick = time.monotonic()
            if rows:
                self._commit(rows)
                self.durable_at = time.time()
                self.committed_bytes += size
                if oldest:
                    counted.spool_bytes += size
                    counted.durable.note((time.time_ns() - oldest) / 1e9)
            for waiter in waiters:
                waiter.set()
        for _, database in (*self._finished, (self._path, self._segment)):
            if database is not None:
                self._over.put(database)
        self._over.put(None)
        self._closer.join()

    def _close_them(self) -> None:
        """In a thread of its own: no commit waits while the system frees the 150 MB of a segment of 300 streams, which
        takes it up to 150 ms."""
        for database in iter(self._over.get, None):
            database.close()

    def _collect(self) -> tuple[list[Columns], int, int, list[threading.Event], bool]:
        """Everything that waits, after waiting up to a tick for the first piece: rows, bytes, when the oldest message
        arrived (ns; 0 without messages), who waits, and whether it is the end."""
        rows: list[Columns] = []
        waiters: list[threading.Event] = []
        size = oldest = 0
        try:
            piece = self._work.get(timeout=TICK_SECONDS)
            while True:
                if piece is None:
                    return rows, size, oldest, waiters, True
                if isinstance(piece, threading.Event):
                    waiters.append(piece)
                elif isinstance(piece, tuple):
                    rows.append(piece)
                    self._note(piece)
                else:
                    for interval in piece:
                        rows.extend(rows_of(interval))
                        size += interval.size
                        oldest = min(oldest or interval.arrivals[0], interval.arrivals[0])
                    if size >= MOST_IN_A_COMMIT:
                        return rows, size, oldest, waiters, False
                piece = self._work.get_nowait()
        except queue.Empty:
            return rows, size, oldest, waiters, False

    def _note(self, piece: Columns) -> None:
        """Which connections are open: their `opened` rows begin every segment, so that each can be read by itself."""
        if piece[1] == OPENED:
            self._open[piece[0]] = piece
        elif piece[1] == CLOSED:
            self._open.pop(piece[0], None)

    def _others(self, rows: list[Columns]) -> list[Columns]:
        here = {id(row) for row in rows}
        return [row for row in self._open.values() if id(row) not in here]

    def _commit(self, rows: list[Columns]) -> None:
        while True:
            try:
                segment = self._current_segment()
                began = self._next_seq == self._first_seq
                self._next_seq = append(segment, self._next_seq, [*self._others(rows), *rows] if began else rows)
            except (sqlite3.Error, OSError) as error:
                self._failed(error)
                continue
            if self.failing:
                log.warning("The spool can be written again.")
                self.failing = ""
            return

    def _failed(self, error: Exception) -> None:
        counted.spool_errors += 1
        if not self.failing:
            log.error(
                "The spool %s cannot be written (%s); audio waits in memory and is tried again.", self.folder, error
            )
        self.failing = str(error)
        self._retire_segment()  # the next attempt begins a new one: this one may be damaged
        time.sleep(RETRY_SECONDS)

    def _retire_segment(self) -> None:
        """A segment in which nothing was committed goes at once, since the next one has the same name."""
        if self._segment is None:
            return
        if self._next_seq == self._first_seq:
            self._segment.close()
        else:
            self._finished.append((self._path, self._segment))
        self._segment = None

    def _current_segment(self) -> sqlite3.Connection:
        now = time.monotonic()
        if self._segment is not None and now - self._segment_began < SEGMENT_SECONDS:
            return self._segment
        path = segment_path(self.folder, self._next_seq)
        made = make_segment(path)
        self._retire_segment()
        self._segment, self._path, self._first_seq, self._segment_began = made, path, self._next_seq, now
        self._let_go()
        return made

    def _let_go(self) -> None:
        """Has finished segments closed. One that the archiver has unlinked closes without copying its WAL back (SQLite
        sees that the file is gone), so finished ones are held open until then, up to a number."""
        self._finished, gone = (
            [held for held in self._finished if held[0].exists()],
            [held for held in self._finished if not held[0].exists()],
        )
        if len(self._finished) > MOST_HELD_OPEN:
            gone.append(self._finished.pop(0))
        for _, database in gone:
            self._over.put(database)
