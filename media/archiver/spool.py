"""Archives one spool folder: scans it, meets its connections, takes the batches that are due, lets go of what is
archived."""

import logging
import time
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from media.archiver import between, joining, settle
from media.archiver.batch import Batch, Window, make_batch, window
from media.archiver.commit import Progress, commit, moment
from media.archiver.scan import Fact, Scan, Tracked
from media.models import Connection, Participant, StreamSession
from media.spool import folder as folders
from media.spool.folder import FolderLock
from media.spool.rows import OPENED
from media.storage import recordings
from media.stream.timeline import Timeline

log = logging.getLogger(__name__)

MOST_QUARANTINE = 1 << 20  # bytes of unreadable messages kept for one session
MOST_KEPT = 10_000  # messages that are not audio, for one connection
SET_ASIDE_SECONDS = 60.0


class SpoolArchive:
    """One spool whose `archiver.lock` we hold. `orphan`: its owner is dead, we hold `owner.lock` too."""

    def __init__(self, folder: Path, lock: FolderLock) -> None:
        self.folder, self.lock = folder, lock
        self.owner: FolderLock | None = None
        self.scan = Scan(folder)
        self.closings: dict[int, Fact] = {}
        self.aside: dict[int, float] = {}
        self.loaded = False
        self.whole = False  # an orphan whose rows are all scanned

    def adopt_if_orphan(self) -> bool:
        if self.owner is None:
            self.owner = FolderLock.take(self.folder / folders.OWNER)
        return self.owner is not None

    def read_on(self) -> None:
        """Scans new rows and writes what they say of connections."""
        if not self.loaded:
            self.scan.tracked = joining.known(self.folder.name)
            self.loaded = True
        orphan = self.adopt_if_orphan()
        for found in self.scan.advance():
            if isinstance(found, Fact):
                self._fact(found)
            elif (tracked := self.scan.tracked.get(found.connection)) and found.seq > tracked.cursor:
                tracked.add(found)
        self.whole = orphan and self.scan.caught_up
        if self.whole:
            self._bury()

    def _fact(self, fact: Fact) -> None:
        number = fact.row.connection
        if fact.row.kind == OPENED:
            if number not in self.scan.tracked and (tracked := joining.open_connection(self.folder.name, fact)):
                self.scan.tracked[number] = tracked
            return
        tracked = self.scan.tracked.get(number)
        if tracked is None:
            return
        body = fact.body
        joining.close_connection(
            tracked, fact.row.at, body["by"], body.get("code"), body.get("reason", ""), body.get("failure", "")
        )
        tracked.closed_seq = fact.row.seq

    def _bury(self) -> None:
        """Connections of a dead owner that have no `closed` row ended when it died, as far as anybody knows."""
        for tracked in self.scan.tracked.values():
            if not tracked.closed_seq:
                at = tracked.ats[-1] if tracked.ats else self.scan.horizon
                joining.close_connection(tracked, max(at, self.scan.horizon), "crash", None, "", "")
                tracked.closed_seq = self.scan.position

    def report(self) -> None:
        if not self.scan.horizon:
            return
        seen = moment(self.scan.horizon)
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
        while True:
            due = self._due()
            for tracked, chosen in due:
                if until():
                    return True
                self._one(tracked, chosen)
            if not due:
                break
        self.scan.drop_archived(everything=self.whole)
        return False

    def _due(self) -> list[tuple[Tracked, Window]]:
        found = []
        now = time.monotonic()
        for number, tracked in list(self.scan.tracked.items()):
            over = bool(tracked.closed_seq)
            if self.aside.get(number, 0.0) > now:
                continue
            if over and not tracked.seqs:
                self._finish_empty(tracked)
                continue
            chosen = window(tracked, self.scan.horizon, over, settings.CHUNK_SECONDS)
            if chosen and not self._comes_after(tracked):
                found.append((tracked, chosen))
        return sorted(found, key=lambda pair: pair[0].ats[0])

    def _comes_after(self, tracked: Tracked) -> bool:
        """A connection that came back waits until the one before it is archived, so that frames which both sent are
        recognised, and the lane goes on where it was."""
        return any(
            other.closed_seq and other.seqs and other.seqs[0] < tracked.seqs[0]
            for other in self.scan.tracked.values()
            if other.session_id == tracked.session_id and other is not tracked
        )

    def _finish_empty(self, tracked: Tracked) -> None:
        Connection.objects.filter(id=tracked.id).update(
            archived=True, pending=0, pending_malformed=0, pending_unknown=0, cursor=tracked.closed_seq
        )
        between.refresh(tracked.session_id)
        del self.scan.tracked[tracked.number]

    def _one(self, tracked: Tracked, chosen: Window) -> None:
        """One batch. A fault of ours in one connection must not hold up the others: it is set aside and tried again."""
        try:
            self._batch(tracked, chosen)
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError, AttributeError):
            log.exception("Connection %s cannot be archived now; its spool is kept and tried again.", tracked.id)
            self.aside[tracked.number] = time.monotonic() + SET_ASIDE_SECONDS

    def _batch(self, tracked: Tracked, chosen: Window) -> None:
        row = Connection.objects.select_related("session").filter(id=tracked.id).first()
        if row is None:
            joining.reopen(self.folder.name, tracked)
            return
        if row.cursor > tracked.cursor:  # an earlier commit went through although its answer never reached us
            tracked.consumed(bisect_right(tracked.seqs, row.cursor), row.cursor)
            return
        seqs = tracked.seqs[: chosen.ahead].tolist()
        rows = list(self.scan.read(seqs))
        lanes = set(Participant.objects.filter(session_id=tracked.session_id).values_list("raw_id", flat=True))
        timeline = self._timeline(tracked, row)
        batch = make_batch(tracked, rows[: chosen.rows], rows[chosen.rows :], timeline, lanes, settings.CHUNK_SECONDS)
        batch.kept = batch.kept[: max(0, MOST_KEPT - row.kept_messages)]
        quarantined = self._store_files(tracked, batch, row.session)
        audio, malformed, unknown = tracked.counted(chosen.rows)
        cursor = tracked.closed_seq if chosen.last else seqs[chosen.rows - 1]
        progress = Progress(
            row.cursor,
            cursor,
            tracked.pending - audio,
            tracked.pending_malformed - malformed,
            tracked.pending_unknown - unknown,
            chosen.last,
            quarantined,
        )
        if not commit(tracked, batch, progress):
            return  # the next round reads the cursor again
        tracked.consumed(chosen.rows, cursor)
        tracked.batches += 1
        if batch.holes or chosen.last or self._has_others(tracked):
            between.refresh(tracked.session_id)
        if chosen.last:
            del self.scan.tracked[tracked.number]

    def _timeline(self, tracked: Tracked, row: Connection) -> Timeline:
        if row.timeline:
            return Timeline.load(bytes(row.timeline))
        others = Connection.objects.filter(session_id=tracked.session_id).exclude(id=tracked.id).exclude(timeline=b"")
        return Timeline.new([Timeline.load(bytes(state)) for state in others.values_list("timeline", flat=True)])

    def _has_others(self, tracked: Tracked) -> bool:
        return Connection.objects.filter(session_id=tracked.session_id).exclude(id=tracked.id).exists()

    def _store_files(self, tracked: Tracked, batch: Batch, session: StreamSession) -> int:
        """Files first: a row proves that its file exists. Returns the bytes put into quarantine."""
        storage = recordings()
        for stored in batch.chunks:
            storage.put(stored.file, stored.content)
        room = MOST_QUARANTINE - session.quarantined_bytes
        lines: list[str] = []
        for _, line in batch.unreadable:
            room -= len(line) + 1
            if room < 0:
                break
            lines.append(line)
        if not lines:
            return 0
        content = ("\n".join(lines) + "\n").encode()
        first_row = tracked.seqs[0]
        storage.put(f"sessions/{tracked.session_id}/quarantine-{tracked.id}-{first_row}.jsonl", content)
        return len(content)

    def done(self) -> bool:
        """An orphan of which nothing is left."""
        return self.whole and not self.scan.tracked

    def close(self, remove: bool = False) -> None:
        self.scan.close()
        if remove:
            folders.remove_folder(self.folder)
        if self.owner:
            self.owner.release()
        self.lock.release()
