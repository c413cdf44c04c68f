"""A media server of the tests' own that keeps everything as it came: headers, WebSocket frames with their time, how it
ended. Nothing of the product."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol


@dataclass
class Arrived:
    """One message: when, how many WebSocket frames, text or binary, its JSON (None: none)."""

    at: float
    pieces: int
    opcode: Opcode
    text: str

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def audio(self) -> dict[str, Any]:
        """Its audioData (generation 2)."""
        content: dict[str, Any] = self.json["audioData"]
        return content

    @property
    def pcm(self) -> bytes:
        return base64.b64decode(self.audio["data"])


@dataclass
class Connection:
    headers: dict[str, str]
    path: str
    writer: asyncio.StreamWriter
    protocol: ServerProtocol
    messages: list[Arrived] = field(default_factory=list)
    close_code: int | None = None
    broken_frame: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _parts: list[Frame] = field(default_factory=list)

    def lane(self, raw_id: str | None = None) -> list[Arrived]:
        """Audio of one lane, in order of arrival."""
        return [m for m in self.all_audio() if m.audio.get("participantRawID") == raw_id]

    def all_audio(self) -> list[Arrived]:
        return [m for m in self.messages if m.json and m.json.get("kind") == "AudioData"]

    def kinds(self) -> list[str]:
        return [m.json.get("kind") for m in self.messages if m.json]

    def say(self, text: str, *, binary: bool = False) -> None:
        (self.protocol.send_binary if binary else self.protocol.send_text)(text.encode())
        send_all(self.protocol, self.writer)

    def close(self, code: int = 1001) -> None:
        self.protocol.send_close(code)
        send_all(self.protocol, self.writer)

    def take(self, frame: Frame, at: float) -> None:
        if frame.opcode is Opcode.CLOSE:
            self.close_code = self.protocol.close_rcvd.code if self.protocol.close_rcvd else None
        if frame.opcode not in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
            return
        self._parts.append(frame)
        if frame.fin:
            text = b"".join(bytes(part.data) for part in self._parts).decode()
            self.messages.append(Arrived(at, len(self._parts), self._parts[0].opcode, text))
            self._parts = []


def send_all(protocol: ServerProtocol, writer: asyncio.StreamWriter) -> bool:
    """False when nothing more follows."""
    for out in protocol.data_to_send():
        if not out:
            return False
        writer.write(out)
    return True


class MediaServer:
    """`url` takes sockets; `status` other than 101 refuses them."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self.status = 101
        self.port = 0
        self.scheme = "ws"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/acs/media/secret?key=also-secret"

    async def until(self, condition: Callable[[], Any], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)

    async def connection(self, number: int = 0) -> Connection:
        await self.until(lambda: len(self.connections) > number)
        return self.connections[number]

    async def messages(self, count: int, number: int = 0) -> Connection:
        connection = await self.connection(number)
        await self.until(lambda: len(connection.messages) >= count)
        return connection

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = ServerProtocol(max_size=None)
        connection: Connection | None = None
        try:
            while data := await reader.read(65536):
                at = time.monotonic()
                protocol.receive_data(data)
                for event in protocol.events_received():
                    if isinstance(event, Request):
                        connection = self._answer(event, protocol, writer)
                    elif connection and isinstance(event, Frame):
                        connection.take(event, at)
                if not send_all(protocol, writer):
                    break
        except ConnectionError:
            pass
        finally:
            if connection:
                connection.broken_frame = bool(protocol.reader.buffer)
                connection.ended.set()
            writer.close()

    def _answer(self, request: Request, protocol: ServerProtocol, writer: asyncio.StreamWriter) -> Connection | None:
        if self.status != 101:
            protocol.send_response(protocol.reject(self.status, "refused by the test"))
            return None
        protocol.send_response(protocol.accept(request))
        headers = {name.lower(): value for name, value in request.headers.raw_items()}
        self.connections.append(Connection(headers, request.path, writer, protocol))
        return self.connections[-1]


@asynccontextmanager
async def media_server(tls: SSLContext | None = None) -> AsyncIterator[MediaServer]:
    server = MediaServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    server.scheme = "wss" if tls else "ws"
    try:
        yield server
    finally:
        listening.close()
        for connection in server.connections:
            connection.writer.transport.abort()
