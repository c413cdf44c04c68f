"""What is logged of requests and sockets, and that no log line holds a token. Knows the paths of our doors only."""

import logging
import re
import time
from urllib.parse import quote

from calls.masking import masked
from config.answers import Application, Message, Receive, Scope, Send

logger = logging.getLogger("access")

QUIET = ("/healthz/live", "/healthz/ready")
# What open pages of the console ask every two seconds; said only where it went wrong.
ASKED_OFTEN = re.compile(r"/calls/incoming/|/(?:calls|sessions)/[0-9a-f-]{36}/live/")


class MaskedFormatter(logging.Formatter):
    """Masks the finished line, traceback included: the last thing before it is written, whoever logged it."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


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
        began, status = time.perf_counter(), 0

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
                logger.info(
                    "%s %s %s %.0f ms %s", scope["method"], _path(scope), status or "-", milliseconds, _peer(scope)
                )

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, opened, code = time.perf_counter(), False, ""
        path, peer = _path(scope), _peer(scope)

        async def noting(message: Message) -> None:
            nonlocal opened, code
            kind = message["type"]
            if kind == "websocket.accept":
                opened = True
                logger.info("socket %s opened %s", path, peer)
            elif kind == "websocket.close" and opened:
                code = f", by us with {message.get('code', 1000)} {message.get('reason') or ''}".rstrip()
            elif kind in {"websocket.close", "websocket.http.response.start"}:
                logger.info("socket %s refused with %s %s", path, message.get("status", 403), peer)
            await send(message)

        try:
            await self.application(scope, receive, noting)
        finally:
            if opened:
                logger.info("socket %s closed after %.1f s%s %s", path, time.perf_counter() - began, code, peer)


def _path(scope: Scope) -> str:
    return masked(quote(scope["path"], safe="/:@!$&'()*+,;=~"))


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "-"
