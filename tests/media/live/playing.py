"""Plays a score at a server in a thread of its own, while a browser is looked at."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import numpy as np

from media.acs_client import Score, StreamFailed, stream


def noise(seconds: float, seed: int = 1) -> bytes:
    return np.random.default_rng(seed).normal(0, 3000, int(16_000 * seconds)).astype("<i2").tobytes()


@contextmanager
def playing(url: str, lanes: Mapping[str | None, bytes]) -> Iterator[threading.Event]:
    """Until the score or the block ends; setting the event ends it like a caller who hangs up."""
    hung_up = threading.Event()

    async def until_hung_up() -> None:
        task = asyncio.ensure_future(stream(url, Score(dict(lanes))))
        while not task.done() and not hung_up.is_set():
            await asyncio.sleep(0.05)
        task.cancel()
        with suppress(asyncio.CancelledError, StreamFailed):
            await task

    thread = threading.Thread(target=lambda: asyncio.run(until_hung_up()), daemon=True)
    thread.start()
    try:
        yield hung_up
    finally:
        hung_up.set()
        thread.join(10)
