"""The desk where calls are handled: one thread with an event loop, on which everything runs that waits for ACS, and a
few threads that ask the database. So a slow ACS holds up no socket and no page, and 200 calls at once need no 200
connections. Opened when it is first needed; whoever serves closes it."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection, connections

log = logging.getLogger(__name__)

DATABASE_THREADS = 8
LONGEST_WAIT = 90.0  # seconds that a caller without a loop waits; every request to ACS ends long before

T = TypeVar("T")
P = ParamSpec("P")


class Desk:
    """`ask` from any loop, `wait` from any thread, `spawn` for what nobody waits for."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.database = ThreadPoolExecutor(DATABASE_THREADS, "calls-db")
        self.thread = threading.Thread(target=self._run, name="calls", daemon=True)
        self.tasks: set[asyncio.Task[Any]] = set()
        self.endless: set[asyncio.Task[Any]] = set()
        self.thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def spawn(self, work: Coroutine[Any, Any, Any], what: str, endless: bool = False) -> None:
        """Runs it beside the rest; an error is logged with `what`."""
        self.loop.call_soon_threadsafe(self._spawn, work, what, endless)

    def close(self, seconds: float = 5.0) -> None:
        """Lets what runs end for so long, then ends it; closes the database connections."""
        self.submit(self._end(seconds)).result(seconds + 5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.database.shutdown(wait=True)
        self.loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def _spawn(self, work: Coroutine[Any, Any, Any], what: str, endless: bool) -> None:
        task = self.loop.create_task(work, name=what)
        self.tasks.add(task)
        if endless:
            self.endless.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self.tasks.discard(task)
        self.endless.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("%s failed.", task.get_name(), exc_info=error)

    async def _end(self, seconds: float) -> None:
        from calls import acs

        if self.tasks - self.endless:
            await asyncio.wait(self.tasks - self.endless, timeout=seconds)
        for task in self.tasks:
            task.cancel()
        await acs.close()
        # each database thread closes its own connection
        barrier = threading.Barrier(DATABASE_THREADS)
        together = [
            self.loop.run_in_executor(self.database, _close_connection, barrier) for _ in range(DATABASE_THREADS)
        ]
        await asyncio.wait(together, timeout=seconds)


_desk: Desk | None = None
_opening = threading.Lock()


def desk() -> Desk:
    """The one of this process."""
    global _desk
    with _opening:
        if _desk is None:
            _desk = Desk()
        return _desk


def close(seconds: float = 5.0) -> None:
    """Closes the desk if there is one; the next who needs one gets a new one."""
    global _desk
    with _opening:
        closing, _desk = _desk, None
    if closing:
        closing.close(seconds)


async def ask(work: Coroutine[Any, Any, T]) -> T:
    """Runs it at the desk; its result. It goes on when whoever asked is gone."""
    return await asyncio.shield(asyncio.wrap_future(desk().submit(work)))


def wait(work: Coroutine[Any, Any, T], seconds: float = LONGEST_WAIT) -> T:
    """The same for callers without a loop of their own (the admin, commands)."""
    return desk().submit(work).result(seconds)


def spawn(work: Coroutine[Any, Any, Any], what: str, endless: bool = False) -> None:
    desk().spawn(work, what, endless)


async def db(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs a function that asks the database, in one of the few threads that may."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(desk().database, lambda: _run(lambda: function(*args, **kwargs)))


def _run(function: Callable[[], T]) -> T:
    """Connections are kept from one question to the next. One that broke meanwhile is replaced, and asked again."""
    try:
        return function()
    except (OperationalError, InterfaceError):
        if connection.connection is not None and connection.is_usable():
            raise
        connection.close()
        return function()
    except BaseException:
        if connection.connection is not None and not connection.in_atomic_block and not connection.is_usable():
            connection.close()
        raise


def _close_connection(barrier: threading.Barrier) -> None:
    connections.close_all()
    with suppress(threading.BrokenBarrierError):
        barrier.wait(2)  # so that each thread gets one
