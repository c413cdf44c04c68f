"""What is logged of requests and sockets. Knows the paths of our doors only."""

import logging
import re
import time
from urllib.parse import quote

from calls.masking import loggable
from config.answers import Application, Message, Receive, Scope, Send

logger = logging.getLogger("access")

QUIET = ("/healthz/live", "/healthz/ready")
ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ABOUT = {"call": re.compile(f"/calls?/({ID})"), "session": re.compile(f"/(?:sessions|streamsession)/({ID})")}
# What open pages ask every two seconds, and what they are drawn with: said only where it went wrong.
ASKED_OFTEN = re.compile(r"/calls/incoming/|/(?:calls|sessions)/[0-9a-f-]{36}/live/|/static/.+")


class AccessLog:
    """One line per request, and one per socket opened, refused or closed; never one per frame, and never a query."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.application(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status, about = time.perf_counter(), 0, _about(scope)
        scope["about"] = about  # a door adds what it knows

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.application(scope, receive, noting)
        finally:
            often = status < 400 and ASKED_OFTEN.fullmatch(scope["path"])
            if scope["path"] not in QUIET and not often:
                milliseconds = (time.perf_counter() - began) * 1000
                what = (scope["method"], _path(scope), status or "-", milliseconds, _peer(scope))
                logger.info("%s %s %s %.0f ms %s", *what, extra=about)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, opened, code = time.perf_counter(), False, ""
        path, peer, about = _path(scope), _peer(scope), _about(scope)
        scope["about"] = about

        async def noting(message: Message) -> None:
            nonlocal opened, code
            kind = message["type"]
            if kind == "websocket.accept":
                opened = True
                logger.info("socket %s opened %s", path, peer, extra=about)
            elif kind == "websocket.close" and opened:
                code = f", by us with {message.get('code', 1000)} {message.get('reason') or ''}".rstrip()
            elif kind in {"websocket.close", "websocket.http.response.start"}:
                logger.info("socket %s refused with %s %s", path, message.get("status", 403), peer, extra=about)
            await send(message)

        try:
            await self.application(scope, receive, noting)
        finally:
            if opened:
                lasted = time.perf_counter() - began
                logger.info("socket %s closed after %.1f s%s %s", path, lasted, code, peer, extra=about)


def _path(scope: Scope) -> str:
    """Numbers go here: in the whole line the status and milliseconds beside one would be taken for its digits."""
    return loggable(quote(scope["path"], safe="/:@!$&'()*+,;=~"))


def _about(scope: Scope) -> dict[str, str]:
    """The ids that stand in the path."""
    found = {name: pattern.search(scope["path"]) for name, pattern in ABOUT.items()}
    return {name: match[1] for name, match in found.items() if match}


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "-"
