"""How a serving process ends: drain, close, flush, archive; each step bounded, so that no hung database, disk or peer
keeps it. Knows the runtime, not the server.
"""

import asyncio
import atexit
import logging
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import NoReturn

from config.serving.stop import POLL_SECONDS, Stop, until
from media.monitoring import heartbeat
from media.runtime import Runtime

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 5.0  # for close frames and their answers; the runtime itself waits 3
HTTP_SECONDS = 3.0  # for answers under way
ARCHIVE_SECONDS = 10.0
LAST_SECONDS = 20.0  # for what runs at exit, the embedded database's own stop among it


async def drain(runtime: Runtime, stop: Stop, seconds: float, closed: Callable[[set[uuid.UUID]], None]) -> None:
    """Waits for the first signal, then takes no new streams, lets those that run end by themselves for up to `seconds`,
    and closes the rest with 1012; `closed` is told which. A second signal cuts the waiting short."""
    await stop.wait()
    runtime.ingest.draining = True
    logger.warning("Stopping: %d media sockets are open.", runtime.ingest.sockets)
    await until(lambda: stop.hurried or not runtime.ingest.sockets, seconds)
    sessions = heartbeat.here(runtime)
    runtime.ingest.keep_places()
    closing = asyncio.ensure_future(runtime.close_sockets(1012, "server restarts"))
    await until(lambda: stop.hurried or closing.done(), CLOSE_SECONDS)
    closed(sessions)


def put_away(runtime: Runtime, stop: Stop) -> None:
    """Everything received is on disk; then the archiver may take it, unless a second signal says not to wait."""
    runtime.flush()
    closing = threading.Thread(target=runtime.close, args=(ARCHIVE_SECONDS,), name="closing", daemon=True)
    closing.start()
    latest = time.monotonic() + ARCHIVE_SECONDS + 2
    while closing.is_alive() and not stop.hurried and time.monotonic() < latest:
        closing.join(POLL_SECONDS)
    if closing.is_alive():
        logger.warning("Not everything is archived yet; what is left in the spool is taken at the next start.")


def leave(code: int) -> NoReturn:
    """Ends the process. Threads that hang (in a database that does not answer) would keep an ordinary exit for ever."""
    last = threading.Timer(LAST_SECONDS, os._exit, [code])
    last.daemon = True
    last.start()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
