"""What browser sockets ask of the database, in threads of their own: it may hang, and nothing else hangs with it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, connections

Result = TypeVar("Result")

ANSWER_SECONDS = 15.0
AWAY = (DatabaseError, InterfaceError, TimeoutError)

_threads = ThreadPoolExecutor(4, "browser sockets")


async def ask(work: Callable[[], Result]) -> Result:
    """`work()`'s result. Raises what it raises, or TimeoutError."""

    def call() -> Result:
        try:
            return work()
        finally:
            connections.close_all()

    return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(_threads, call), ANSWER_SECONDS)
