"""Archives one spool folder: scans it, meets its connections, takes the batches that are due, lets go of what is
archived."""

import logging
import sqlite3
import time
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DataError, IntegrityError, transaction

from calls.log_context import named
from media.archiver import between, giving_up, joining, settle
from media.archiver.batch import Window, make_batch, window
from media.archiver.burying import bury
from media.archiver.commit import Ready, commit, moment
from media.archiver.files import store_files
from media.archiver.grouping import groups
from media.archiver.reading import Reading
from media.archiver.scan import Fact, Scan, Tracked
from media.archiver.standing import Stand, stand_of, timeline_after
from media.models import Connection
from media.spool import folder as folders
from media.spool.folder import FolderLock
from media.spool.rows import CLOSED, OPENED, Row
from media.stream.errors import ShortSight
from media.stream.timeline import Timeline

log = logging.getLogger(__name__)

MOST_QUARANTINE = 1 << 20  # bytes of unreadable messages kept for one session
MOST_KEPT = 10_000  # messages that are not audio, for one connection
SET_ASIDE_SECONDS = 60.0
FACTS_AT_FAULT = (DataError, IntegrityError, LookupError, TypeError, ValueError, AttributeError)
OURS = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError, AttributeError)


class SpoolArchive:
    """One spool whose `archiver.lock` we hold. `orphan`: its owner is dead, we hold `owner.lock` too."""

    def __init__(self, folder: Path, lock: FolderLock) -> None:
        self.folder, self.lock = folder, lock
        self.owner: FolderLock | None = None
        self.scan = Scan(folder)
        self.aside: dict[int, float] = {}
        self.finished: set[int] = set()  # numbers of connections that are archived whole
        self.unclaimed: set[int] = set()  # numbers of which there are rows, and nobody knows whose
        self.loaded = False
        self.whole = False  # an orphan whose rows are all scanned

    def adopt_if_orphan(self) -> bool:
        if self.owner is None:
            self.owner = FolderLock.take(self.folder / folders.OWNER)
        return self.owner is not None

    def read_on(self) -> None:
        """Scans new rows and writes what they say of connections."""
        if not self.loaded:
            self.scan.tracked, self.finished = joining.known(self.folder.name)
            self.loaded = True
        orphan = self.adopt_if_orphan()
        for page in self.scan.advance():
            self._page(page)
        self.whole = orphan and self.scan.caught_up
        if self.whole:
            self._bury()

    def _page(self, page: list[Fact | Row]) -> None:
        """First what needs the database, which may be away; then what is only remembered."""
        facts = [found for found in page if isinstance(found, Fact)]
        try:
            self._facts(facts)
        except FACTS_AT_FAULT:
            for fact in facts:  # one of them is at fault, and must not hold up the others
                self._fact_alone(fact)
        for row in page:
            if isinstance(row, Row):
                self._row(row)

    def _facts(self, facts: list[Fact]) -> None:
        new = [fact for fact in facts if fact.row.kind == OPENED and not self._met(fact.row.connection)]
        self.scan.tracked |= joining.open_connections(self.folder.name, new)
        closed = [fact for fact in facts if fact.row.kind == CLOSED and fact.row.connection in self.scan.tracked]
        joining.close_connections([self._closing(fact) for fact in closed])
        for fact in closed:
            self.scan.tracked[fact.row.connection].closed_seq = fact.row.seq

    def _fact_alone(self, fact: Fact) -> None:
        try:
            self._facts([fact])
        except FACTS_AT_FAULT:
            log.exception("Row %d of %s cannot be taken; the spool is kept.", fact.row.seq, self.folder)
            self.unclaimed.add(fact.row.connection)

    def _met(self, number: int) -> bool:
        return number in self.scan.tracked or number in self.finished

    def _row(self, row: Row) -> None:
        tracked = self.scan.tracked.get(row.connection)
        if tracked is None and row.connection not in self.finished:
            self.unclaimed.add(row.connection)
        elif tracked and row.seq > tracked.cursor:
            tracked.add(row)

    def _closing(self, fact: Fact) -> joining.Closing:
        body, tracked = fact.body, self.scan.tracked[fact.row.connection]
        at, failure = moment(fact.row.at), body.get("failure", "")
        return joining.Closing(tracked.id, at, body["by"], body.get("code"), body.get("reason", ""), failure)

    def _bury(self) -> None:
        """Connections of a dead owner that have no `closed` row ended when it died, as far as anybody knows."""
        dead = [tracked for tracked in self.scan.tracked.values() if not tracked.closed_seq]
        bury(self.folder.name, dead, moment(self.scan.horizon))
        for tracked in dead:
            tracked.closed_seq = self.scan.position

    def report(self) -> None:
        if not self.scan.horizon:
            return
        seen = moment(self.scan.horizon)
        giving_up.take_back(self.folder.name, {t.number for t in self.scan.tracked.values() if not t.closed_seq})
        settle.report(
            [
                settle.Report(
                    t.id,
                    t.pending,
                    t.pending_malformed,
                    t.pending_unknown,
                    moment(t.last_frame_at) if t.last_frame_at else None,
                    seen,
                )
                for t in self.scan.tracked.values()
            ]
        )

    def archive(self, until: Callable[[], bool]) -> bool:
        """Takes due batches, oldest first, until there are none (False) or `until` says stop (True)."""
        while due := self._due():
            for group in groups(due):
                if until():
                    return True
                self._group(group)
        self.scan.drop_archived(everything=self.whole)
        return False

    def _due(self) -> list[tuple[Tracked, Window]]:
        found = []
        now = time.monotonic()
        waiting: dict[UUID, int] = {}  # the oldest row of each session that belongs to a closed connection
        for tracked in self.scan.tracked.values():
            if tracked.closed_seq and tracked.seqs:
                waiting[tracked.session_id] = min(tracked.seqs[0], waiting.get(tracked.session_id, tracked.seqs[0]))
        for number, tracked in list(self.scan.tracked.items()):
            over = bool(tracked.closed_seq)
            if self.aside.get(number, 0.0) > now:
                continue
            if over and not tracked.seqs:
                self._finish_empty(tracked)
                continue
            chosen = window(tracked, self.scan.horizon, over, settings.CHUNK_SECONDS)
            # A connection that came back waits until the one before it is archived, so that frames which both sent are
            # recognised, and the lane goes on where it was.
            if chosen and tracked.seqs[0] <= waiting.get(tracked.session_id, tracked.seqs[0]):
                found.append((tracked, chosen))
        return sorted(found, key=lambda pair: pair[0].ats[0])

    def _finish_empty(self, tracked: Tracked) -> None:
        with transaction.atomic():
            Connection.objects.filter(id=tracked.id).update(
                archived=True, pending=0, pending_malformed=0, pending_unknown=0, cursor=tracked.closed_seq
            )
            between.refresh(tracked.session_id)
        self._forget(tracked)

    def _forget(self, tracked: Tracked) -> None:
        del self.scan.tracked[tracked.number]
        self.finished.add(tracked.number)

    def _group(self, group: list[tuple[Tracked, Window]]) -> None:
        """Batches of different sessions: their files, then one transaction for all."""
        standing = stand_of([tracked.id for tracked, _ in group])
        prepared = [
            (ready, chosen)
            for tracked, chosen in group
            if (ready := self._prepare(tracked, chosen, standing.get(tracked.id)))
        ]
        if not prepared:
            return
        with transaction.atomic():  # whoever sees a connection archived sees its gaps too
            moved = self._commit([ready for ready, _ in prepared])
            for ready, _ in prepared:
                if ready.tracked.id in moved and (ready.batch.holes or standing[ready.tracked.id].others):
                    between.refresh(ready.tracked.session_id)
        for ready, chosen in prepared:
            if ready.tracked.id in moved:
                self._finish(ready, chosen)

    def _commit(self, ready: list[Ready]) -> set[UUID]:
        """All in one transaction; one by one where the database takes one of them for wrong, which is set aside."""
        try:
            return commit(ready)
        except (DataError, IntegrityError) as error:
            if len(ready) > 1:
                return {moved for one in ready for moved in self._commit([one])}
            tracked = ready[0].tracked
            words = "Connection %s cannot be archived now (%s); its spool is kept."
            log.error(words, tracked.id, error, extra=_about(tracked))
            self.aside[tracked.number] = time.monotonic() + SET_ASIDE_SECONDS
            return set()

    def _prepare(self, tracked: Tracked, chosen: Window, stand: Stand | None) -> Ready | None:
        """A batch with its files stored. A fault of ours in one connection must not hold up the others: it is set aside
        and tried again."""
        if stand is None:
            joining.reopen(self.folder.name, tracked)
            return None
        if stand.cursor > tracked.cursor:  # an earlier commit went through although its answer never reached us
            tracked.consumed(bisect_right(tracked.seqs, stand.cursor), stand.cursor)
            return None
        try:
            return self._read_and_store(tracked, chosen, stand)
        except ShortSight:
            tracked.far = True
            return None
        except (*OURS, sqlite3.DatabaseError):  # the latter: a segment that a power cut tore, or that cannot be read
            words = "Connection %s cannot be archived now; its spool is kept and tried again."
            log.exception(words, tracked.id, extra=_about(tracked))
            self.aside[tracked.number] = time.monotonic() + SET_ASIDE_SECONDS
            return None

    def _read_and_store(self, tracked: Tracked, chosen: Window, stand: Stand) -> Ready:
        seqs = tracked.seqs[: chosen.ahead].tolist()
        rows = list(self.scan.read(seqs))
        timeline = Timeline.load(stand.timeline) if stand.timeline else timeline_after(tracked, stand)
        batch = make_batch(
            tracked,
            chosen,
            rows,
            timeline,
            settings.CHUNK_SECONDS,
            Reading(stand.lanes, stand.refusal, self._damage_after(tracked)),
        )
        batch.kept = batch.kept[: max(0, MOST_KEPT - stand.kept_messages)]
        quarantined = store_files(tracked, batch, MOST_QUARANTINE - stand.quarantined_bytes)
        audio, malformed, unknown = tracked.counted(chosen.rows)
        return Ready(
            tracked,
            batch,
            cursor_before=stand.cursor,
            cursor=tracked.closed_seq if chosen.last else seqs[chosen.rows - 1],
            pending=tracked.pending - audio,
            pending_malformed=tracked.pending_malformed - malformed,
            pending_unknown=tracked.pending_unknown - unknown,
            archived=chosen.last,
            quarantined=quarantined,
        )

    def _damage_after(self, tracked: Tracked) -> list[int]:
        return [seq for seq in self.scan.damage if seq > tracked.cursor]

    def _finish(self, ready: Ready, chosen: Window) -> None:
        tracked = ready.tracked
        tracked.consumed(chosen.rows, ready.cursor)
        tracked.batches += 1
        if chosen.last:
            self._forget(tracked)

    def done(self) -> bool:
        """An orphan of which nothing is left."""
        return self.whole and not self.scan.tracked

    def close(self, remove: bool = False) -> None:
        self.scan.close()
        if remove:
            self._remove()
        if self.owner:
            self.owner.release()
        self.lock.release()

    def _remove(self) -> None:
        """Never what a person may still want: segments that could not be read, rows that nobody could place."""
        if (self.folder / "broken").is_dir() or self.unclaimed:
            log.error(
                "Not all of a spool could be archived; what is left is kept in %s.", folders.keep_folder(self.folder)
            )
        else:
            folders.remove_folder(self.folder)


def _about(tracked: Tracked) -> dict[str, str]:
    """For log lines."""
    return named(session=tracked.session_id, call=tracked.opened.get("call"))
