"""Daphne inside our own process (SERVER=daphne; `runserver` too). Its limits, which no option lifts: no backpressure in
either direction, no denial response (every refusal is 403), no lifespan.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import daphne.server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import reactor

from config.answers import Application, Message
from config.serving.leaving import HTTP_SECONDS
from config.serving.stop import Stop, until

MOST_BYTES = 1 << 20  # of one message
MOST_REASON_BYTES = 123  # in a close frame (RFC 6455, 5.5)
OPTIONS: dict[str, Any] = {
    "action_logger": None,  # it writes tokens; ours is config/access_log.py
    "websocket_timeout": -1,  # a call may last for hours
    "websocket_connect_timeout": 20,
    "ping_interval": 10**9,  # seconds; a peer that answers no ping would be closed
    "ping_timeout": 0,
    "websocket_max_message_size": MOST_BYTES,
    "websocket_max_frame_size": MOST_BYTES,
    "application_close_timeout": 30,
    "server_name": "",
}


class Socket(WebSocketProtocol):  # type: ignore[misc]
    """Daphne's, able to close with the codes that a server sends (1003, 1008, 1012…) and a reason; stock, it raises."""

    def handle_reply(self, message: Message) -> None:
        closing = message.get("type") == "websocket.close"
        if closing and self.state in {self.STATE_CLOSING, self.STATE_CLOSED}:
            return  # the peer was faster
        if closing and self.state == self.STATE_OPEN:
            reason = str(message.get("reason") or "").encode()[:MOST_REASON_BYTES].decode(errors="ignore").encode()
            self.sendCloseFrame(code=message.get("code") or 1000, reasonUtf8=reason or None, isReply=False)
        else:
            super().handle_reply(message)

    def onClose(self, wasClean: bool, code: int | None, reason: str) -> None:  # noqa: N802, N803  (autobahn's names)
        """What the protocol layer ended has its code, whatever the peer answers; stock, it looks as if it broke off."""
        super().onClose(wasClean, self.localCloseCode if self.failedByMe and self.localCloseCode else code, reason)


class Server(daphne.server.Server):  # type: ignore[misc]
    """Daphne with what a media socket needs."""

    def __init__(self, application: Application, **options: Any) -> None:
        super().__init__(application, **{**options, **OPTIONS, "ready_callable": self.prepare})

    def prepare(self) -> None:
        """Called when the factories are made and nobody is connected yet."""
        self.ws_factory.protocol = Socket
        # Else a message that is too long, or not UTF-8, drops the connection without a word.
        self.ws_factory.setProtocolOptions(failByDrop=False, autoPingInterval=0)

    def busy(self) -> bool:
        """Whether an application still answers somebody."""
        running = (details.get("application_instance") for details in self.connections.values())
        return any(instance is not None and not instance.done() for instance in running)


class Adopting(Server):
    """Serves sockets that are bound already; Daphne itself only takes descriptions of endpoints."""

    def __init__(self, application: Application, sockets: list[socket.socket], ready: Callable[[], None]) -> None:
        super().__init__(application, endpoints=["ours"], signal_handlers=False)  # without any it refuses to be made
        self.endpoints: list[str] = []
        self.sockets, self.ready = sockets, ready
        self.ports: list[Any] = []

    def prepare(self) -> None:
        super().prepare()
        for each in self.sockets:
            each.setblocking(False)
            self.ports.append(reactor.adoptStreamPort(each.fileno(), each.family, self.http_factory))
        self.ready()


def run(
    application: Application,
    sockets: list[socket.socket],
    stop: Stop,
    listening: Callable[[], None],
    drained: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    """Serves the listening sockets until `drained()` returns."""
    tasks: list[asyncio.Task[None]] = []

    async def leave() -> None:
        await drained()
        for port in server.ports:
            port.stopListening()
        await until(lambda: stop.hurried or not server.busy(), HTTP_SECONDS)
        server.stop()

    def ready() -> None:
        tasks.append(reactor._asyncioEventloop.create_task(leave()))
        listening()

    server = Adopting(application, sockets, ready)
    server.run()
