"""uvicorn's WebSocket protocol, with close frames that arrive, and broken connections told from closed ones.

Why "websockets-sansio" of those uvicorn has (median of five runs, 100 streams at real-time pace, parse only): 38 µs of
CPU a message against 47 of "websockets", which is deprecated too. Backpressure is real in both: 50 sockets whose
application does not call receive() took 4 MB each (the kernel's buffers), and the process grew by 0.13 MB each.
"""

import contextlib
import logging
import socket
from typing import TYPE_CHECKING

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame
from websockets.http11 import Request

from media.ingest.peers import EXTENSION

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

LINGER_SECONDS = 2.0
UNHEARD_MS = 60_000  # the kernel ends with a machine that takes no ping for so long; its own limit is 15 minutes
PING = b"there?"  # whoever sends a pong that nobody asked for sends another

# A peer's text that is not UTF-8 ends its socket with 1007, which the access log says; a traceback would say no more.
logging.getLogger("uvicorn.error").addFilter(lambda record: not str(record.msg).startswith("Invalid UTF-8"))


class Socket(WebSocketsSansIOProtocol):
    """Ends a message over the limit with 1009, text that is not UTF-8 with 1007, what is no WebSocket frame with 1002.

    Stock, it closes at once, and with input still unread the kernel turns that into a reset, which overtakes the close
    frame: the peer never learns why. So we say it, end our side, and read on for a moment; what comes is discarded.
    """

    pings = answers = 0  # of ours, and to them

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][EXTENSION] = {"line": self}

    def ping(self) -> None:
        if not self.close_sent and not self.transport.is_closing():
            if not self.pings and hasattr(socket, "TCP_USER_TIMEOUT"):
                wire = self.transport.get_extra_info("socket")
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS)
            self.pings += 1
            self.conn.send_ping(PING)
            self.transport.write(b"".join(self.conn.data_to_send()))

    def handle_pong(self, event: Frame) -> None:
        self.answers += bytes(event.data) == PING

    def connection_lost(self, exc: Exception | None) -> None:
        """Without a close frame the code is 1006 (RFC 6455, 7.1.5). Stock, it is 1005, as after one without a code: a
        stream that broke off would look like one that was ended."""
        if self.handshake_complete and self.conn.close_rcvd is None:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        super().connection_lost(exc)

    async def send(self, message: "ASGISendEvent") -> None:
        """Stock, a refusal with a status of ours counts as no answer to the handshake and is logged as an error."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def send_receive_event_to_app(self) -> None:
        """Stock, it fails where text that is not UTF-8 and the close frame came in one piece."""
        with contextlib.suppress(InvalidState):
            super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        self.handle_events()  # what came in one piece with the fault, and before it: stock, it is lost
        close = self.conn.close_sent
        if self.close_timer is not None or close is None:
            return  # said already; this is what the peer sent before it heard
        self.queue.put_nowait({"type": "websocket.disconnect", "code": close.code, "reason": close.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)
        if self.transport.can_write_eof():
            self.transport.write_eof()
