"""Short answers that need neither Django nor a database, for the doors in asgi.py."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

TEXT, JSON = b"text/plain; charset=utf-8", b"application/json"


async def respond(
    send: Send, status: int, text: str, content_type: bytes = TEXT, headers: Headers | None = None
) -> None:
    """A whole HTTP response."""
    start, body = _parts(text, content_type, headers or [])
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


def without_body(send: Send) -> Send:
    """For HEAD: uvicorn leaves out the body by itself; from Daphne it would spoil the connection's next answer."""

    async def bare(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return bare


async def refuse_socket(scope: Scope, send: Send, status: int, text: str) -> None:
    """Refuses the upgrade of a socket not accepted yet; where the server cannot say why (Daphne), it is a plain 403."""
    if "websocket.http.response" in (scope.get("extensions") or {}):
        start, body = _parts(text, TEXT, [])
        await send({"type": "websocket.http.response.start", "status": status, "headers": start})
        await send({"type": "websocket.http.response.body", "body": body})
    else:
        await send({"type": "websocket.close"})


def _parts(text: str, content_type: bytes, headers: Headers) -> tuple[Headers, bytes]:
    body = text.encode()
    length = b"%d" % len(body)
    always = [(b"content-type", content_type), (b"content-length", length), (b"cache-control", b"no-store")]
    return [*always, *headers], body
