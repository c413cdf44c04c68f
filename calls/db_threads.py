"""Questions to the database, each in one of a few threads. Whoever waits has an answer or an error in time; a question
whose database hangs is cut off from it, so that its thread can be used again."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Generic, TypeVar

import psycopg
from django.db import InterfaceError, OperationalError, connections

THREADS = 8
PATIENCE_SECONDS = 15.0  # a database that works answers within milliseconds

T = TypeVar("T")


class Question(Generic[T]):
    """A function that asks the database; called in one thread, and cut off from any other."""

    def __init__(self, function: Callable[[], T]) -> None:
        self.function, self.given_up = function, False
        self.connection: Any = None

    def __call__(self) -> T:
        """Connections are kept from one question to the next. One that broke meanwhile is replaced, and asked again."""
        self.connection = connection = connections["default"]
        try:
            return self.function()
        except (OperationalError, InterfaceError):
            if self.given_up or (connection.connection is not None and connection.is_usable()):
                raise
            connection.close()
            return self.function()
        except BaseException:
            if connection.connection is not None and not connection.in_atomic_block and not connection.is_usable():
                connection.close()
            raise
        finally:
            if self.given_up:
                connection.close()
            self.connection = None

    def cut_off(self) -> None:
        """Whoever asks it finds the connection ended by the other side."""
        self.given_up = True
        wire = getattr(self.connection, "connection", None)
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(wire.fileno() if wire else -1)) as end:
            end.shutdown(socket.SHUT_RDWR)


class DatabaseThreads:
    """The threads. `close` ends them, whatever the database does."""

    def __init__(self, threads: int = THREADS, patience: float = PATIENCE_SECONDS) -> None:
        self.threads, self.patience = threads, patience
        self.pool = ThreadPoolExecutor(threads, "calls-db")
        self.asked: set[Question[Any]] = set()

    async def ask(self, function: Callable[[], T]) -> T:
        """What the function returns or raises; OperationalError where the database does not answer in time."""
        question, loop = Question(function), asyncio.get_running_loop()
        self.asked.add(question)
        try:
            async with asyncio.timeout(self.patience):
                return await loop.run_in_executor(self.pool, question)
        except TimeoutError:
            _cut_off(question, loop)
            raise OperationalError(f"the database did not answer within {self.patience:.0f} s") from None
        finally:
            self.asked.discard(question)

    async def close(self, seconds: float) -> None:
        """Each thread closes its own connection; those that hang are cut off."""
        loop, barrier = asyncio.get_running_loop(), threading.Barrier(self.threads)
        closing = [loop.run_in_executor(self.pool, _close_connection, barrier) for _ in range(self.threads)]
        _, hanging = await asyncio.wait(closing, timeout=seconds)
        for question in list(self.asked) if hanging else []:
            question.cut_off()
        self.pool.shutdown(wait=False, cancel_futures=True)


def _cut_off(question: Question[Any], loop: asyncio.AbstractEventLoop) -> None:
    """Until it has ended: it may be connecting just now, and ask only then."""
    question.cut_off()
    if question.connection is not None:
        loop.call_later(1, _cut_off, question, loop)


def _close_connection(barrier: threading.Barrier) -> None:
    connections.close_all()
    with suppress(threading.BrokenBarrierError):
        barrier.wait(2)  # so that each thread gets one
