"""The event loop of calls: one thread with a loop of its own, on which everything runs that waits for ACS, and a few
threads that ask the database. So a slow ACS holds up no socket and no page, and 200 calls at once need no 200
connections. Opened when it is first needed; whoever serves closes it."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError

from calls.db_threads import DatabaseThreads

log = logging.getLogger(__name__)

LONGEST_WAIT = 90.0  # seconds that a caller without a loop waits; every request to ACS ends long before

T = TypeVar("T")
P = ParamSpec("P")


class EventLoopThread:
    """`ask` from any loop, `wait` from any thread, `spawn` for what nobody waits for."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.database = DatabaseThreads()
        self.thread = threading.Thread(target=self._run, name="calls", daemon=True)
        self.tasks: set[asyncio.Task[Any]] = set()  # a loop alone does not keep them
        self.endless: set[asyncio.Task[Any]] = set()
        self.thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def spawn(self, work: Coroutine[Any, Any, Any], what: str, endless: bool = False) -> None:
        """Runs it beside the rest; an error is logged with `what`."""
        self.loop.call_soon_threadsafe(self._spawn, work, what, endless)

    def close(self, seconds: float = 5.0) -> None:
        """Lets what runs end for so long, then ends it; closes the database connections."""
        self.submit(self._end(seconds)).result(2 * seconds + 6)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
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
        error = None if task.cancelled() else task.exception()
        if isinstance(error, DatabaseError | InterfaceError):  # is away: said elsewhere, and what is due stays due
            log.warning("%s failed: %s", task.get_name(), " ".join(str(error).split()))
        elif error:
            log.error("%s failed.", task.get_name(), exc_info=error)

    async def _end(self, seconds: float) -> None:
        from calls import acs

        own = {asyncio.current_task()}
        if running := asyncio.all_tasks() - own - self.endless:
            await asyncio.wait(running, timeout=seconds)
        for task in asyncio.all_tasks() - own:
            task.cancel()
        if cancelled := asyncio.all_tasks() - own:
            await asyncio.wait(cancelled, timeout=1)
        await acs.close()
        await self.database.close(seconds)


_thread: EventLoopThread | None = None
_opening = threading.Lock()


def _running() -> EventLoopThread:
    """The one of this process."""
    global _thread
    with _opening:
        if _thread is None:
            _thread = EventLoopThread()
        return _thread


def close(seconds: float = 5.0) -> None:
    """Closes the loop if there is one; the next who needs one gets a new one."""
    global _thread
    closing = _thread
    if closing:
        closing.close(seconds)  # what still runs there finds it, and opens no other
        with _opening:
            _thread = None


async def ask(work: Coroutine[Any, Any, T]) -> T:
    """Runs it on the loop; its result. It goes on when whoever asked is gone."""
    return await asyncio.shield(asyncio.wrap_future(_running().submit(work)))


def wait(work: Coroutine[Any, Any, T], seconds: float = LONGEST_WAIT) -> T:
    """The same for callers without a loop of their own (the admin, commands)."""
    return _running().submit(work).result(seconds)


def spawn(work: Coroutine[Any, Any, Any], what: str, endless: bool = False) -> None:
    _running().spawn(work, what, endless)


async def db(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs a function that asks the database, in one of the few threads that may. Raises OperationalError where the
    database does not answer in time."""
    return await _running().database.ask(lambda: function(*args, **kwargs))
