"""Sockets that the application asks for their messages: all of them, in order, whatever else comes in between."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
import uvloop
from websockets.asyncio.client import connect
from websockets.frames import Close, Frame, Opcode

from config.answers import Message, Receive, Scope, Send
from config.serving.pulled import MOST_READS, READ_BYTES
from config.serving.uvicorn_server import config
from media.ingest.peers import Line, line_of
from media.ingest.pulling import Pull, pull_of
from tests.config.test_frames import framed

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
LONG = "long" * 20_000
PART = b"".join(
    Frame(opcode, data, fin=fin).serialize(mask=True)
    for opcode, data, fin in ((Opcode.TEXT, b"in ", False), (Opcode.PING, b"", True), (Opcode.CONT, b"parts", True))
)
CLOSE = Frame(Opcode.CLOSE, Close(1000, "over").serialize()).serialize(mask=True)
UNREADABLE = Frame(Opcode.TEXT, b"\xff").serialize(mask=True)
PING = Frame(Opcode.PING, b"there?").serialize(mask=True)
PONG = Frame(Opcode.PONG, b"there?").serialize(mask=False)


class Application:
    """Accepts one socket. `got`: what was pulled, and in parentheses what came as an event; then the disconnect."""

    def __init__(self, hesitates: float = 0.0) -> None:
        self.hesitates = hesitates
        self.got: list[str | bytes | tuple[str | bytes]] = []
        self.pull: Pull = list
        self.accepted, self.ended = asyncio.Event(), asyncio.Event()
        self.end: Message = {}
        self.send: Send
        self.line: Line | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.sleep(self.hesitates)
        await send({"type": "websocket.accept"})
        self.pull, self.send, self.line = pull_of(scope), send, line_of(scope)
        self.accepted.set()
        while (event := await receive())["type"] == "websocket.receive":
            self.got.append((event["text"] if event.get("text") is not None else event["bytes"],))
        self.end = event
        self.ended.set()

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not done():
                self.got += self.pull()
                await asyncio.sleep(0.002)


@asynccontextmanager
async def served(application: Application) -> AsyncIterator[int]:
    """The product's server with this application; the port."""
    made = config(application)
    made.lifespan = "off"
    server = uvicorn.Server(made)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


async def peer(port: int, at_once: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HANDSHAKE)
    await asyncio.sleep(0.05 if at_once else 0)
    writer.write(at_once)
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    uvloop.run(scenario())  # type: ignore[arg-type]


async def pulls_all(pieces: list[bytes], *expected: str | bytes | tuple[str | bytes]) -> None:
    application = Application()
    async with served(application) as port:
        _, writer = await peer(port)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await application.until(lambda: True)
            await asyncio.sleep(0.002)
            application.got += application.pull()
        writer.write(CLOSE)
        await application.until(application.ended.is_set)
        assert application.got == list(expected)
        assert (application.end["code"], application.end["reason"]) == (1000, "over")
        writer.close()


def test_messages_come_whole_wherever_they_were_cut() -> None:
    expected: list[str | bytes] = ["one", b"two", "", "ü" * 200]
    data = b"".join(map(framed, expected))

    async def scenario() -> None:
        await pulls_all([data], *expected)
        await pulls_all([data[at : at + 1] for at in range(len(data))], *expected)

    run(scenario)


@pytest.mark.parametrize(
    ("other", "meaning"), [(framed(LONG), LONG), (PART, "in parts"), (PART[: len(PART) // 2], None)], ids=range(3)
)
def test_after_what_is_not_plain_everything_comes_as_an_event(other: bytes, meaning: str | None) -> None:
    async def scenario() -> None:
        rest = PART[len(PART) // 2 :] if meaning is None else b""
        events = [(meaning or "in parts",), ("after",)]
        await pulls_all([framed("before") + other, rest + framed("after")], "before", *events)
        await pulls_all([framed("before") + other + rest + framed("after")], "before", *events)

    run(scenario)


@pytest.mark.parametrize(
    "last", [CLOSE, UNREADABLE, b"\xff\xff", b"", None], ids=["closed", "unreadable", "no_frame", "ended", "reset"]
)
def test_a_socket_that_ends_may_be_pinged_at_any_moment(last: bytes | None) -> None:
    """One look goes over all sockets: what failed on one would end it for all others. None: the connection is reset."""

    async def scenario() -> None:
        application = Application()
        async with served(application) as port:
            _, writer = await peer(port)
            await application.accepted.wait()
            assert application.line
            if last is None:
                writer.transport.abort()
            else:
                writer.write(framed("before") + last)
                writer.write_eof()
            for turn in range(400):
                application.line.ping()
                await asyncio.sleep(0 if turn < 200 else 0.001)
                application.got += application.pull() if turn > 100 else []
            await application.until(application.ended.is_set)
            application.line.ping()
            writer.close()

    run(scenario)


def test_a_ping_is_answered_and_pulling_goes_on() -> None:
    async def scenario() -> None:
        application = Application()
        async with served(application) as port:
            reader, writer = await peer(port)
            writer.write(framed("before") + PING + framed("after"))
            await application.until(lambda: len(application.got) == 2)
            assert await reader.readexactly(len(PONG)) == PONG
            writer.write(framed("later"))
            await application.until(lambda: len(application.got) == 3)
            assert application.got == ["before", "after", "later"]
            writer.close()

    run(scenario)


def test_a_peer_that_spoke_before_it_was_accepted_is_not_pulled() -> None:
    async def scenario() -> None:
        application, early = Application(hesitates=0.2), framed("early")
        async with served(application) as port:
            _, writer = await peer(port, at_once=early[:9])
            writer.write(early[9:] + CLOSE)
            await application.until(application.ended.is_set)
            assert (application.got, application.end["code"]) == ([("early",)], 1000)
            writer.close()

    run(scenario)


def test_a_peer_that_is_gone_is_told_from_one_that_closed() -> None:
    async def scenario() -> None:
        for way in ("close", "abort"):
            application = Application()
            async with served(application) as port:
                _, writer = await peer(port)
                writer.write(framed("last"))
                await application.until(lambda: application.got == ["last"])  # noqa: B023
                writer.close() if way == "close" else writer.transport.abort()
                await application.until(application.ended.is_set)
                assert (way, application.got, application.end["code"]) == (way, ["last"], 1006)

    run(scenario)


def test_the_answer_to_our_own_close_is_heard() -> None:
    async def scenario() -> None:
        application = Application()
        async with served(application) as port, connect(f"ws://127.0.0.1:{port}") as client:
            await application.accepted.wait()
            await client.send("a message, half of which was pulled")
            await application.send({"type": "websocket.close", "code": 1008, "reason": "enough"})
            await asyncio.wait_for(client.wait_closed(), 5)  # without an answer the server would wait for ten seconds
            assert (client.close_code, client.close_reason) == (1008, "enough")
            assert application.pull() == []

    run(scenario)


def test_a_flood_is_taken_in_pieces_and_waits_with_its_sender() -> None:
    async def scenario() -> None:
        application = Application()
        async with served(application) as port:
            _, writer = await peer(port)
            flood = framed("x" * 1000) * 40_000
            writer.write(flood)
            await asyncio.sleep(0.2)
            assert not application.got  # nobody pulled, so nothing was read
            waiting = writer.transport.get_write_buffer_size()
            assert waiting > len(flood) // 2
            assert 0 < len(application.pull()) <= MOST_READS * READ_BYTES // 1000
            await application.until(lambda: len(application.got) > 39_000)
            writer.close()

    run(scenario)
