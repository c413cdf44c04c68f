"""`WS /ws/sessions/<id>/listen`: the sound of a running call, for a browser. Text first: `hello` with the session, then
`lane` for each participant; then blocks (hearing.py). The page answers every tenth block with `{"type": "ack", "seq":
…}`; one that falls five seconds behind is let go. `{"type": "ping", "t": …}` is answered with our clock."""

import asyncio
import json
import logging
import time
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from calls.log_context import named
from media import access
from media.access import Right
from media.live import database
from media.live.board_socket import told, until_one_ends
from media.live.door import (
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_LIVE,
    TOO_SLOW,
    TRY_AGAIN,
    Closed,
    Visitor,
    close,
    enter,
    watch_over,
)
from media.live.hearing import span_of
from media.live.hub import Hub, hub
from media.models import TICKS_PER_MS, AccessEntry, StreamSession

log = logging.getLogger(__name__)

RIGHTS = (Right.LIST, Right.HEAR_LIVE)
MOST_UNANSWERED = 100  # blocks
NOTE_SECONDS = 60.0
SLOW = "This browser takes the sound too slowly: it was five seconds behind."
OVER = "This session is not running any more; its page replays it."
NO_RECORD = "That somebody listens cannot be put on record now, so nobody may. The recording goes on."


async def listen_socket(scope: dict[str, Any], receive: Any, send: Any, session_id: UUID) -> None:
    visitor = await enter(scope, receive, send, RIGHTS)
    if visitor is None:
        return
    try:
        session = await database.ask(lambda: _find(visitor, session_id))
        record = Record(visitor, session)
        await record.begin()
    except Closed as closed:
        await close(send, closed.code, closed.reason)
        return
    except database.AWAY:
        await close(send, TRY_AGAIN, NO_RECORD)
        return
    listener = Listener(hub(), session, record, receive, send)
    try:
        work = (listener.read(), listener.write(), listener.keep_up(), record.keep(), watch_over(visitor, RIGHTS))
        await until_one_ends(send, *work)
    finally:
        listener.leave()
        await record.end()


def _find(visitor: Visitor, session_id: UUID) -> StreamSession:
    try:
        session = access.find_session(visitor.user, session_id, lambda found: found.prefetch_related("participants"))
    except Http404 as missing:
        raise Closed(NOT_FOUND, str(missing)) from None
    except PermissionDenied as denied:
        raise Closed(NOT_ALLOWED, str(denied)) from None
    if session.state in StreamSession.FINAL:
        raise Closed(NOT_LIVE, OVER)
    return session


class Record:
    """What goes into the access log: that somebody listens, before the first sound; then what was sent, once a minute
    and at the end."""

    def __init__(self, visitor: Visitor, session: StreamSession) -> None:
        self.visitor, self.session = visitor, session
        self.began = time.monotonic()
        self.blocks = 0
        self.span: tuple[float, float] | None = None  # ms since the epoch, on the sender's clock

    async def begin(self) -> None:
        await database.ask(lambda: self._write(None, 0))

    def sent(self, block: bytes) -> None:
        first, last = span_of(block)
        self.blocks += 1
        self.span = (min(first, self.span[0]), max(last, self.span[1])) if self.span else (first, last)

    async def keep(self) -> None:
        """Raises Closed where nothing can be put on record for two minutes."""
        failures = 0
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            try:
                await self._note()
                failures = 0
            except database.AWAY:
                failures += 1
                if failures > 1:
                    raise Closed(TRY_AGAIN, NO_RECORD) from None

    async def end(self) -> None:
        try:
            await self._note()
        except database.AWAY:
            about = named(session=self.session.pk, call=self.session.call_id)
            log.exception("What %s heard is not on record.", self.visitor.user, extra=about)

    async def _note(self) -> None:
        span, blocks = self.span, self.blocks
        if span:
            await database.ask(lambda: self._write(span, blocks))
            if self.span == span:
                self.span, self.blocks = None, 0
            else:
                self.blocks -= blocks

    def _write(self, span: tuple[float, float] | None, blocks: int) -> None:
        user, session, action = self.visitor.user, self.session, AccessEntry.Action.HEAR_LIVE
        if span is None:
            access.record(user, session, action, "console", begins=True)
            return
        origin = StreamSession.objects.filter(pk=session.pk).values_list("origin_ticks", flat=True).first()
        if origin is None:
            access.record(user, session, action, "console", seconds=blocks / 10)
            return
        from_ms, to_ms = (max(0, round(moment - origin / TICKS_PER_MS)) for moment in span)
        access.record(user, session, action, "console", from_ms, to_ms, seconds=blocks / 10)


class Listener:
    """One pair of ears."""

    def __init__(self, live: Hub, session: StreamSession, record: Record, receive: Any, send: Any) -> None:
        self.live, self.session, self.record, self.receive, self.send = live, session, record, receive, send
        labels = {lane.raw_id: lane.label for lane in session.participants.all()}
        self.hearing, self.outlet = live.listen(session.pk, labels)
        self.unanswered = 0
        self.replies: list[str] = []

    async def read(self) -> None:
        """Returns when the page has gone."""
        while True:
            message = await told(self.receive)
            if message is None:
                return
            self.unanswered = 0
            if message.get("type") == "ping":
                facts = {"type": "pong", "t": message.get("t"), "now": time.time_ns() / 1e6}
                self.outlet.put(json.dumps(facts))

    async def write(self) -> None:
        await self._text({"type": "hello", "session": str(self.session.pk), "label": self.session.label})
        while True:
            parcel = await self.outlet.next()
            if parcel is None:
                raise Closed(*(self.outlet.closing or (TOO_SLOW, SLOW)))
            if isinstance(parcel, str):
                await self.send({"type": "websocket.send", "text": parcel})
                continue
            if self.unanswered >= MOST_UNANSWERED:
                raise Closed(TOO_SLOW, SLOW)
            self.unanswered += 1
            self.record.sent(parcel)
            await self.send({"type": "websocket.send", "bytes": parcel})

    async def keep_up(self) -> None:
        """Lets go of somebody who takes nothing from the socket: then sending waits, and does not come to the end."""
        while not self.outlet.full:
            await asyncio.sleep(1)
        raise Closed(TOO_SLOW, SLOW)

    async def _text(self, facts: dict[str, Any]) -> None:
        await self.send({"type": "websocket.send", "text": json.dumps(facts)})

    def leave(self) -> None:
        self.live.unlisten(self.hearing, self.outlet)
