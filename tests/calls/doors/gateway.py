"""What stands between the server and ACS, and fails as the internet fails: it passes on, is closed, takes requests and
never answers, or answers what the test says. Nothing of the product."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """A whole HTTP answer, as it goes over the wire."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    if body:
        lines.append("Content-Type: application/json")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Gateway:
    """`url` is the endpoint that the server is told. What it does is changed by `be`."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = parts.hostname or "", parts.port or 80
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gateway", daemon=True)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._says: bytes | None = None
        self._slow = False
        self._number = 0
        self.asked = 0
        self.open = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()
        self._run(self._listen())

    def stop(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    @contextmanager
    def being(self, what: str | bytes) -> Iterator[None]:
        """`closed`: nobody listens; `slow`: every other connection is never answered, the rest byte by byte; bytes:
        that is the answer to every request. Passes on again afterwards."""
        self._run(self._be(what))
        try:
            yield
        finally:
            self._run(self._be("passing"))

    async def _be(self, what: str | bytes) -> None:
        await self._close()
        self._says, self._slow, self.asked = what if isinstance(what, bytes) else None, what == "slow", 0
        if what != "closed":
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, backlog=1000)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.open += 1
        self._number += 1
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                if self._slow and self._number % 2:
                    while await reader.read(65_536):
                        self.asked += 1
                elif self._says is not None:
                    await self._say(reader, writer, self._says)
                else:
                    await self._pass(reader, writer)
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()

    async def _say(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, what: bytes) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            await reader.readexactly(int(lengths[0].partition(b":")[2]) if lengths else 0)
            self.asked += 1
            writer.write(what)
            await writer.drain()
            if b"Connection: close" in what:
                return

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(*self._target)
        ways = [asyncio.ensure_future(_pour(reader, forth)), asyncio.ensure_future(_pour(back, writer, self._slow))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            forth.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, slowly: bool = False) -> None:
    with suppress(OSError):
        while piece := await reader.read(1 if slowly else 65_536):
            await asyncio.sleep(1 if slowly else 0)
            writer.write(piece)
            await writer.drain()


@contextmanager
def gateway(target: str) -> Iterator[Gateway]:
    made = Gateway(target)
    made.start()
    try:
        yield made
    finally:
        made.stop()
