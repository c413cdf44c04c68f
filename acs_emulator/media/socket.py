"""A WebSocket client that can do what a fault asks: fragments, half frames, a TCP connection that just ends. The
protocol is `websockets`' (no I/O of its own); sending never waits. Knows no ACS."""

import asyncio
import os
import ssl
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import cast

from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

DIAL_SECONDS = 10
LARGEST = 16 << 20

OnMessage = Callable[[str | bytes], None]
# code (None: no close frame), reason
OnLost = Callable[[int | None, str], None]


class DialFailed(Exception):
    """Why no socket came about, in plain words; `status`: of the HTTP answer, where there was one."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


class Socket(asyncio.Protocol):
    """One connection. `on_lost` is called once, unless `close` or `abort` ended it first."""

    def __init__(self, url: str, headers: Mapping[str, str], on_message: OnMessage, on_lost: OnLost) -> None:
        self._protocol = ClientProtocol(parse_uri(url), max_size=LARGEST)
        self._headers, self._on_message, self._on_lost = headers, on_message, on_lost
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._parts: list[Frame] = []
        self._ours = False
        self.unsent = 0  # bytes of messages that the peer had not taken when the connection was cut
        self.transport: asyncio.Transport

    @property
    def is_open(self) -> bool:
        return self._protocol.state is State.OPEN and not self.transport.is_closing()

    @property
    def backlog(self) -> int:
        """Bytes that the peer has not taken yet."""
        return self.transport.get_write_buffer_size()

    def send(self, text: str, *, binary: bool = False, pieces: int = 1, flush: bool = True) -> None:
        """flush False: goes out with the next `flush`, in one write with all others of the tick."""
        content = text.encode()
        start = self._protocol.send_binary if binary else self._protocol.send_text
        step = -(-len(content) // max(1, pieces))
        parts = [content[at : at + step] for at in range(0, len(content), step)] or [b""]
        for number, part in enumerate(parts):
            (self._protocol.send_continuation if number else start)(part, fin=number == len(parts) - 1)
        if flush:
            self.flush()

    async def close(self, code: int = 1000, seconds: float = 2) -> bool:
        """With a close frame; waits for the peer's, but not for ever. False where the peer took no notice."""
        self._ours = True
        if self.is_open:
            self._protocol.send_close(code)
            self.flush()
            await asyncio.wait([self._closed], timeout=seconds)
        noticed = self._closed.done() or self._protocol.close_rcvd is not None
        self._cut()
        return noticed

    def hang_up(self, code: int) -> None:
        """A close frame and the end, without waiting."""
        self._ours = True
        if self.is_open:
            self._protocol.send_close(code)
            self.flush()
        self.transport.close()

    def abort(self, half: str = "") -> None:
        """The TCP connection ends without a close frame, in the middle of the message `half` if one is given."""
        self._ours = True
        self.flush()
        if half and self.is_open:
            self._protocol.send_text(half.encode())
            whole = b"".join(self._protocol.data_to_send())
            self.transport.write(whole[: len(whole) // 2])
            self.transport.close()  # writes what waits, then ends
        else:
            self._cut()

    def vanish(self) -> None:
        """As if the machine had died: TCP does not end, and nothing is read, said or answered any more."""
        self._ours = True
        self.flush()
        self.transport.pause_reading()

    def _cut(self) -> None:
        self.unsent = self.backlog
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        request = self._protocol.connect()
        request.headers.update(self._headers)
        self._protocol.send_request(request)
        self.flush()

    def data_received(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        self.flush()
        self._events()

    def eof_received(self) -> bool:
        self._protocol.receive_eof()
        self.flush()
        self._events()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(exc, ssl.SSLError) and not self._opened.done():  # TLS 1.3 refuses clients only now
            self._opened.set_exception(DialFailed(f"TLS failed: {exc.reason or exc}"))
        if self._protocol.state is not State.CLOSED:
            self._protocol.receive_eof()
        self._events()
        if not self._opened.done():
            self._opened.set_exception(DialFailed("the server ended the connection during the handshake"))
        if not self._closed.done():
            self._closed.set_result(None)
        if not self._ours and self._opened.exception() is None:
            self._ours = True
            lost: ConnectionClosed = self._protocol.close_exc
            code = lost.rcvd.code if lost.rcvd else None
            self._on_lost(code, lost.rcvd.reason if lost.rcvd else "the connection broke off")

    async def opened(self) -> None:
        await self._opened

    def _events(self) -> None:
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self._answered()
            elif isinstance(event, Frame):
                self._frame(event)
        if self._protocol.handshake_exc:  # also of an answer that is no HTTP
            self._answered()

    def _answered(self) -> None:
        if self._opened.done():
            return
        wrong = self._protocol.handshake_exc
        if isinstance(wrong, InvalidStatus):
            status = wrong.response.status_code
            self._opened.set_exception(DialFailed(f"the server answered the upgrade with HTTP {status}", status))
        elif wrong is not None and isinstance(wrong.__cause__, EOFError):
            self._opened.set_exception(DialFailed("the server ended the connection during the handshake"))
        elif wrong is not None:
            why = wrong.__cause__ or wrong
            self._opened.set_exception(DialFailed(f"the server's answer is no WebSocket handshake: {why}"))
        else:
            self._opened.set_result(None)

    def _frame(self, frame: Frame) -> None:
        if frame.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
            self._parts.append(frame)
            if frame.fin:
                content, first = b"".join(bytes(part.data) for part in self._parts), self._parts[0]
                self._parts = []
                self._on_message(content.decode(errors="replace") if first.opcode is Opcode.TEXT else content)

    def flush(self) -> None:
        waiting = self._protocol.data_to_send()
        if data := b"".join(waiting):
            self.transport.write(data)
        # An empty piece is the protocol's sign for the end.
        if b"" in waiting and self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        if self._protocol.close_expected() and self._protocol.state is State.CLOSED:
            self.transport.close()


async def dial(
    url: str, headers: Mapping[str, str], on_message: OnMessage, on_lost: OnLost, trust: ssl.SSLContext | None = None
) -> Socket:
    """An open socket. Raises DialFailed within ten seconds or so."""
    try:
        address = parse_uri(url)
    except (InvalidURI, ValueError):
        raise DialFailed("the address is no ws:// or wss:// URL") from None
    try:
        async with asyncio.timeout(DIAL_SECONDS):
            transport, socket = await asyncio.get_running_loop().create_connection(
                lambda: Socket(url, headers, on_message, on_lost),
                address.host,
                address.port,
                ssl=(trust or system_trust()) if address.secure else None,
            )
            try:
                await socket.opened()
            except BaseException:
                transport.abort()
                raise
    except TimeoutError:
        raise DialFailed(f"no answer within {DIAL_SECONDS} s") from None
    except ssl.SSLCertVerificationError as wrong:
        raise DialFailed(f"the server's certificate is not trusted: {wrong.verify_message}") from None
    except ssl.SSLError as wrong:
        raise DialFailed(f"TLS failed: {wrong.reason or wrong}") from None
    except UnicodeError:
        raise DialFailed("the address has a host name that can be none") from None
    except OSError as wrong:
        raise DialFailed(plain(wrong)) from None
    return socket


def plain(wrong: OSError) -> str:
    """Of asyncio's "Connect call failed ('127.0.0.1', 9)" the reason alone."""
    if wrong.errno and wrong.errno > 0:
        return os.strerror(wrong.errno).lower()
    return (wrong.strerror or str(wrong) or type(wrong).__name__).lower()


@lru_cache(maxsize=1)
def system_trust() -> ssl.SSLContext:
    return ssl.create_default_context()
