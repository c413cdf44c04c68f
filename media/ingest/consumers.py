"""The door for ACS's media sockets. An own receive loop: Channels' dispatch hops to a thread before every message,
and all sockets share that thread. Never touches the ORM."""

import asyncio
import logging
import time
from typing import Any

from channels.consumer import AsyncConsumer

from calls.log_context import named
from media.ingest.admission import Admitted, Refused, admit
from media.ingest.ingest import Ingest
from media.ingest.intake import Intake, Verdict
from media.ingest.peers import line_of
from media.ingest.pulling import pull_of
from media.monitoring.counters import counted
from media.running import current
from media.sessions import healing

log = logging.getLogger(__name__)

DENIAL = "websocket.http.response"
PROTOCOL = {
    1002: "What came was no WebSocket frame.",
    1007: "What came as text was not UTF-8.",
    1009: "A message was larger than 1 MiB.",
}


class MediaSocketConsumer(AsyncConsumer):  # type: ignore[misc]  # Channels has no types
    """One socket of ACS, from the handshake to its `closed` row."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()  # websocket.connect
        runtime = current()
        if runtime is None:
            await refuse(scope, send, Refused(503, "this server was not started with: python manage.py serve"))
            return
        admission = await admit(scope, runtime.ingest)
        if isinstance(admission, Refused):
            counted.refused[admission.kind] += 1
            if admission.call_id:
                scope.get("about", {}).update(named(call=admission.call_id))
                healing.refused(admission.call_id, admission.kind, admission.reason)
            await refuse(scope, send, admission)
            return
        about = named(session=admission.session_id, call=admission.facts["call"])
        scope.get("about", {}).update(about)  # for the access log's lines
        await send({"type": "websocket.accept"})
        await Socket(runtime.ingest, admission, scope, receive, send).record()


async def refuse(scope: dict[str, Any], send: Any, refused: Refused, what: str = "media socket") -> None:
    """An HTTP status where the server can send one (uvicorn); under Daphne every refusal is 403."""
    words = "%s from %s refused with %d: %s"
    log.warning(words, what, remote_of(scope), refused.status, refused.reason, extra=named(call=refused.call_id))
    if DENIAL not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": refused.reason})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if refused.status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": f"{DENIAL}.start", "status": refused.status, "headers": headers})
    await send({"type": f"{DENIAL}.body", "body": refused.reason.encode()})


def remote_of(scope: dict[str, Any]) -> str:
    """The address, and the port where it is known: proxies tell the address alone."""
    host, port = scope.get("client") or ("?", 0)
    return f"{host}:{port}" if port else str(host)


class Socket:
    """An accepted socket and the loop that reads it."""

    def __init__(self, ingest: Ingest, admitted: Admitted, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.ingest, self.receive, self.send = ingest, receive, send
        # Only a server that stops reading when we do can hold a sender back. Under Daphne we must drop, and say so.
        self.holds_back = DENIAL in scope.get("extensions", {})
        self.intake: Intake = ingest.open(
            admitted.session_id, admitted.connection_id, self.close, {**admitted.facts, "remote": remote_of(scope)}
        )
        self.intake.pull, self.intake.line = pull_of(scope), line_of(scope)

    async def record(self) -> None:
        by, code, reason, failure = "server", 1012, "the server stopped", ""
        try:
            by, code, reason = await self._read()
            failure = reason if code == 1003 and by == "server" else ""
        except asyncio.CancelledError:
            raise
        except Exception:
            by, code, reason = "server", 1011, "an error of this server"
            session = self.intake.session_id
            log.exception("media socket of session %s ended by an error", session, extra=named(session=session))
            await self.close(code, reason)
        finally:
            if self.intake.number in self.ingest.intakes:
                self.ingest.closed(self.intake, by, code, reason, failure)

    async def _read(self) -> tuple[str, int, str]:
        """Reads until the end; returns who ended it, the close code and the reason. The per-frame path."""
        intake, ingest, receive, now = self.intake, self.ingest, self.receive, time.time_ns
        while True:
            event = await receive()
            message = event.get("text")
            if message is None:
                if event["type"] == "websocket.disconnect":
                    return self._ended(event)
                message = event.get("bytes") or b""
            if ingest.full:
                if not self.holds_back:
                    ingest.drop(intake, now())
                    continue
                arrived = now()
                await ingest.room()
                verdict = intake.take(message, arrived)
            else:
                if intake.dropped:
                    ingest.resume(intake)
                verdict = intake.take(message, now())
            if verdict is not None and intake.closing is None:
                intake.closing = verdict
                await self.close(verdict.code, verdict.reason)

    def _ended(self, event: dict[str, Any]) -> tuple[str, int, str]:
        closing: Verdict | None = self.intake.closing
        if closing is not None:
            return "server", closing.code, closing.reason
        code = int(event.get("code") or 1005)
        if code in PROTOCOL:  # said by the server's protocol layer, not by the peer
            return "server", code, PROTOCOL[code]
        return ("lost" if code == 1006 else "peer"), code, str(event.get("reason") or "")

    async def close(self, code: int, reason: str) -> None:
        short = reason.encode()[:120].decode(errors="ignore")  # a close frame's reason takes 123 bytes (RFC 6455, 5.5)
        try:
            await self.send({"type": "websocket.close", "code": code, "reason": short})
        except (OSError, RuntimeError):
            session = self.intake.session_id
            log.info("media socket of session %s was already gone", session, extra=named(session=session))
