"""How a process stands now: what it counted, and how much waits. Plain numbers, by the names of metrics.py."""

import socket
import time
from typing import Any

from calls.counters import acs_events, acs_requests
from media.archiver.worker import Loop
from media.monitoring import disk
from media.monitoring.counters import counted
from media.runtime import Runtime
from media.spool.folder import backlog


def of(runtime: Runtime) -> dict[str, Any]:
    """Of a process that holds sockets, and archives or not."""
    ingest = runtime.ingest
    spool_bytes, spool_age = backlog(runtime.spool.folder)
    archiving = of_archiver(runtime.archiver.loop) if runtime.archiver else {}
    return {
        **all_counted(),
        **archiving,
        "sockets": ingest.sockets,
        "most_streams": ingest.most_streams,
        "waiting_bytes": ingest.waiting,
        "spool_bytes_on_disk": spool_bytes,
        "spool_age": spool_age,
        "durable_at": runtime.spool.durable_at,
        "spool_failing": int(bool(runtime.spool.failing)),
        "disk_low": int(bool(ingest.disk_low)),
        "draining": int(ingest.draining),
        "disks": disk.told(),
    }


def all_counted() -> dict[str, Any]:
    """With the name of the machine."""
    return {
        "host": socket.gethostname(),
        **counted.as_json(),
        "acs_requests": dict(acs_requests),
        "acs_events": dict(acs_events),
    }


def of_archiver(loop: Loop) -> dict[str, Any]:
    """`archive_lag`: age in seconds of the oldest message that is not archived though its chunk is due or over;
    `backlog_rows`: rows that wait in memory."""
    waiting = [tracked for spool in list(loop.archive.spools.values()) for tracked in list(spool.scan.tracked.values())]
    oldest = min((tracked.ats[0] for tracked in waiting if tracked.ats), default=0)
    return {
        "archive_lag": max(0.0, time.time() - oldest / 1e9) if oldest else 0.0,
        "backlog_rows": sum(len(tracked.seqs) for tracked in waiting),
        "archive_failing": int(bool(loop.fault)),
    }
