"""A media socket that writes down what comes: what the client really sends. The library's server, nothing of ours."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response


@dataclass
class Seen:
    """What one socket saw: `at` has the arrival of each message in seconds."""

    url: str
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    closed: int | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        first: dict[str, Any] = json.loads(self.messages[0])
        return first

    @property
    def audio(self) -> list[dict[str, Any]]:
        return [json.loads(message)["audioData"] for message in self.messages[1:]]


@asynccontextmanager
async def media_socket(*, refuse: HTTPStatus | None = None, close_after: int | None = None) -> AsyncIterator[Seen]:
    """Takes streams; or refuses them with an HTTP status; or closes with 1012 after so many messages."""
    seen = Seen("")

    async def take(socket: ServerConnection) -> None:
        assert socket.request
        seen.path = socket.request.path
        seen.headers = dict(socket.request.headers.raw_items())
        async for message in socket:
            assert isinstance(message, str)  # ACS sends text
            seen.messages.append(message)
            seen.at.append(time.monotonic())
            if len(seen.messages) == close_after:
                await socket.close(1012, "restarting")
        seen.closed = socket.close_code

    async def door(socket: ServerConnection, request: Request) -> Response | None:
        return socket.respond(refuse, "no\n") if refuse else None

    async with serve(take, "127.0.0.1", 0, process_request=door) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        seen.url = f"ws://127.0.0.1:{port}/acs/media/secret-token"
        yield seen
