"""Daphne inside our own process (SERVER=daphne). Its limits, which no option lifts: no backpressure in either
direction, no denial response (every refusal is 403), an oversized message drops the connection without a close frame.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import daphne.server
from twisted.internet import reactor

from config.answers import Application
from config.serving.leaving import HTTP_SECONDS
from config.serving.stop import Stop, until

MOST_BYTES = 1 << 20
NEVER = 10**9  # seconds


class Server(daphne.server.Server):  # type: ignore[misc]
    """Serves sockets that are bound already; Daphne itself only takes descriptions of endpoints."""

    def __init__(self, application: Application, ready: Callable[[], None]) -> None:
        super().__init__(
            application,
            endpoints=["ours"],  # without any it refuses to be made
            signal_handlers=False,
            ready_callable=ready,
            action_logger=None,  # it writes tokens; ours is config/access_log.py
            websocket_timeout=-1,  # a call may last for hours
            websocket_connect_timeout=20,
            ping_interval=NEVER,  # a peer that answers no ping would be closed
            ping_timeout=0,
            websocket_max_message_size=MOST_BYTES,
            websocket_max_frame_size=MOST_BYTES,
            application_close_timeout=30,
            verbosity=1,
            server_name="",
        )
        self.endpoints: list[str] = []

    def busy(self) -> bool:
        """Whether an application still answers somebody."""
        running = (details.get("application_instance") for details in self.connections.values())
        return any(instance is not None and not instance.done() for instance in running)


def run(
    application: Application,
    sockets: list[socket.socket],
    stop: Stop,
    listening: Callable[[], None],
    drained: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    """Serves until `drained()` returns. Raises OSError when the sockets cannot listen."""
    ports: list[Any] = []
    for each in sockets:
        each.listen(1024)

    async def leave() -> None:
        await drained()
        for port in ports:
            port.stopListening()
        await until(lambda: stop.hurried or not server.busy(), HTTP_SECONDS)
        server.stop()

    def ready() -> None:
        # Else a message that is too long, or not UTF-8, drops the connection without a word.
        server.ws_factory.setProtocolOptions(failByDrop=False, autoPingInterval=0)
        for each in sockets:
            each.setblocking(False)
            ports.append(reactor.adoptStreamPort(each.fileno(), each.family, server.http_factory))
        loop = reactor._asyncioEventloop
        leaving.append(loop.create_task(leave()))
        listening()

    leaving: list[asyncio.Task[None]] = []
    server = Server(application, ready)
    server.run()
