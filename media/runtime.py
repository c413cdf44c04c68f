"""What a recording process holds: its ingest, its spool, its archiver. Opened before the server listens, closed after
the last socket; whoever opens it closes it (manage.py serve, runserver)."""

import asyncio
import time

from django.conf import settings

from media.archiver.worker import ArchiverThread
from media.ingest.ingest import Ingest
from media.ingest.watch import disk_low, let_go, watch
from media.live import hub as live
from media.spool.writer import SpoolWriter


async def beside(ingest: Ingest) -> None:
    """What runs with the sockets from the first one on."""
    ingest.tap = live.hub().tap
    await asyncio.gather(watch(ingest), let_go(ingest))


class Runtime:
    """The open parts. Raises OSError when the spool's folder cannot be made."""

    def __init__(self, spool: SpoolWriter, archiver: ArchiverThread | None) -> None:
        self.spool, self.archiver = spool, archiver
        self.ingest = Ingest(spool, settings.MEDIA_MAX_STREAMS, settings.MEDIA_BUFFER_MIB << 20, beside=beside)
        self.ingest.disk_low = disk_low(self.ingest)

    @classmethod
    def open(cls) -> "Runtime":
        spool = SpoolWriter(settings.SPOOL_DIR)
        archiver = ArchiverThread(settings.SPOOL_DIR, own=spool.folder) if settings.ARCHIVE_IN_PROCESS else None
        if archiver:
            archiver.start()
        return cls(spool, archiver)

    async def close_sockets(self, code: int, reason: str) -> None:
        """Sends a close frame to every socket and waits, at most 3 s, until the loops of ACS's have ended."""
        await live.end(code, reason)
        await self.ingest.close_all(code, reason)

    def flush(self, seconds: float = 10.0) -> bool:
        """Everything received is on disk; False when the disk took longer than that."""
        return self.spool.flush(seconds)

    def close(self, archive_seconds: float = 10.0) -> None:
        """Flush, let the archiver take what there is for up to that long, let go of the locks."""
        deadline = time.monotonic() + archive_seconds
        self.spool.close(archive_seconds)
        if self.archiver:
            self.archiver.stop(max(0.1, deadline - time.monotonic()))
