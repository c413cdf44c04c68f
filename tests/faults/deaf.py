"""A peer of a media socket without any library: it answers no ping, and may send several things in one piece."""

import asyncio
import uuid

from tests.faults.installation import Installation


class DeafPeer:
    """A socket by hand: no library that would answer a ping."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, server: Installation, call: uuid.UUID) -> "DeafPeer":
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        path = server.media_url(call).removeprefix(server.ws)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer)

    def say(self, text: str) -> None:
        self.writer.write(framed(text))

    def hang_up(self) -> None:
        self.writer.write(CLOSE)


CLOSE = b"\x88\x82" + bytes(4) + (1000).to_bytes(2, "big")


def framed(text: str) -> bytes:
    """A masked text frame of 126 bytes to 64 KiB; the mask is zero."""
    payload = text.encode()
    return b"\x81" + bytes([0x80 | 126]) + len(payload).to_bytes(2, "big") + bytes(4) + payload
