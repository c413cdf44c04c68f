"""uvicorn inside our own process: our sockets, our signals, our end. Beside each option: what its default would do."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import uvicorn

from config.answers import Application
from config.readiness import readiness
from config.serving.accepting import Door
from config.serving.heads import BoundedHead
from config.serving.leaving import HTTP_SECONDS
from config.serving.pulled import PulledSocket
from config.serving.pulse import BEAT_SECONDS
from config.serving.slots import FULL, MAY_BE_FULL, Part, Slots
from config.serving.stop import Stop, until

MOST_BYTES = 1 << 20  # of one message; more ends the socket with 1009
SPEAKS_SECONDS = 2.0  # within which a stream says that it is one
READY_SECONDS = 5.0  # that a new one leaves to the others; then it records, whatever is away


def config(application: Application) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        interface="asgi3",
        http=BoundedHead,
        ws=PulledSocket,
        ws_max_size=MOST_BYTES,
        ws_ping_interval=None,  # a peer that answers no ping would be closed after 40 s; ACS's answer is undocumented
        ws_per_message_deflate=False,  # base64 PCM hardly shrinks, and each socket would hold a window
        lifespan="on",
        log_config=None,
        access_log=False,  # it writes tokens; ours is config/access_log.py
        proxy_headers=False,  # config/asgi.py believes TRUSTED_PROXIES only
        server_header=False,
    )


class Server(uvicorn.Server):
    """Announces when it listens; leaves signals to us; does not hang on a stalled download."""

    def __init__(self, application: Application, stop: Stop, listening: Callable[[], None]) -> None:
        super().__init__(config(application))
        self.stop, self.listening = stop, listening

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops accepting, and gives the answers under way a moment. uvicorn's own cancels a stalled download and logs
        each cancellation as an error."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await until(lambda: self.stop.hurried or not self._busy(), HTTP_SECONDS)
        if self._busy():
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            logging.getLogger(__name__).warning("%d answers were cut off.", len(self.server_state.tasks))
        await self.lifespan.shutdown()  # or its task is found unfinished while the process ends, and a traceback logged

    def _busy(self) -> bool:
        return bool(self.server_state.tasks)


class Visitor(BoundedHead):
    """A connection of which we remember when it came."""

    came_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.came_at = time.monotonic()
        super().connection_made(transport)


class Sharing(Server):
    """One of several on the same listening sockets. Takes connections when it is ready, and none once it is to stop."""

    def __init__(
        self,
        application: Application,
        stop: Stop,
        listening: Callable[[], None],
        part: Part,
        full: Callable[[int], bool],
    ) -> None:
        super().__init__(application, stop, listening)
        self.part, self.full = part, full

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        self.slots = Slots(self.part.slots)
        self.door = Door(sockets or [], self._protocol, self._load, self.slots, self.part.slot)
        self._beat()
        self._opening = asyncio.create_task(self._open())

    async def _open(self) -> None:
        await until(lambda: self.stop.asked or readiness.ready(), READY_SECONDS)
        if not self.stop.asked:
            self.door.open()
        await self.stop.wait()
        if self.door.is_replaced():
            self.door.close()
        else:
            self.door.leave()
        for connection in list(self.server_state.connections):
            if isinstance(connection, BoundedHead) and connection.cycle:
                connection.shutdown()  # else a proxy would send its next socket over one that it keeps for us

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.door.close()
        await super().shutdown(sockets)
        self._beating.cancel()
        self.slots.beat(self.part.slot, alive=False)

    def _protocol(self) -> asyncio.Protocol:
        return Visitor(self.config, self.server_state, self.lifespan.state)

    def _beat(self) -> None:
        self.slots.beat(self.part.slot)
        self._beating = asyncio.get_running_loop().call_later(BEAT_SECONDS, self._beat)

    def _load(self, coming: int) -> int:
        """Who has just come, and has not said anything yet, may become a stream, and whoever has no answer yet nearly
        is one."""
        here = self.server_state.connections
        undecided = coming + sum(map(_undecided, here))
        if self.full(0):
            return len(here) + coming + FULL
        return len(here) + coming + (MAY_BE_FULL if self.full(undecided) else 0)


def _undecided(connection: object) -> bool:
    if isinstance(connection, Visitor):
        return connection.cycle is None and time.monotonic() - connection.came_at < SPEAKS_SECONDS
    return isinstance(connection, PulledSocket) and not connection.handshake_complete


def run(
    application: Application,
    sockets: list[socket.socket],
    stop: Stop,
    listening: Callable[[], None],
    drained: Callable[[], Coroutine[Any, Any, None]],
    part: Part | None = None,
    full: Callable[[int], bool] = lambda coming: False,
) -> None:
    """Serves the listening sockets until `drained()` returns. With a `part` they are shared, and whoever is `full`, or
    will be when so many streams more have come, is passed by."""
    server = Sharing(application, stop, listening, part, full) if part else Server(application, stop, listening)

    async def serve() -> None:
        async def leave() -> None:
            await drained()
            server.should_exit = True

        leaving = asyncio.create_task(leave())
        await server.serve(sockets)
        await leaving

    # Not asyncio.run: it would wait for threads that hang in a database that does not answer.
    loop_factory = server.config.get_loop_factory() or asyncio.new_event_loop
    loop = loop_factory()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(serve())
