"""A socket that cannot be pulled ends, and nobody else notices."""

import asyncio
import logging
import time
import uuid

import pytest

from media.ingest.ingest import Ingest
from media.spool.writer import SpoolWriter
from media.stream.speak import acs_metadata


async def test_a_socket_that_fails_when_it_is_pulled_is_ended_once(
    spool: SpoolWriter, caplog: pytest.LogCaptureFixture
) -> None:
    async def idle(ingest: Ingest) -> None:
        """Nothing runs beside the sockets here."""

    closed: list[int] = []
    arrives: list[str | bytes] = [acs_metadata("s", 16_000, 640)]

    async def close(code: int, reason: str) -> None:
        closed.append(code)

    def fails() -> list[str | bytes]:
        raise RuntimeError("a fault of ours")

    ingest = Ingest(spool, 10, 1 << 20, idle)
    broken, sound = (ingest.open(uuid.uuid4(), uuid.uuid4(), close, {}) for _ in range(2))
    broken.pull, sound.pull = fails, lambda: [arrives.pop()] if arrives else []
    until = time.monotonic() + 10
    while not (closed and sound.rate) and time.monotonic() < until:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)  # several turns more
    assert (closed, sound.rate, sound.closing) == ([1011], 16_000, None)
    assert [record.levelno for record in caplog.records if "ended by an error" in record.message] == [logging.ERROR]
