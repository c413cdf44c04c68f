"""Routes of the control page and API, under /emulator/. Reads requests, calls one order, answers."""

import asyncio
import json
from pathlib import Path

from aiohttp import WSCloseCode, web

from acs_emulator.calls.identifiers import completed
from acs_emulator.control.microphone import attend, check_free
from acs_emulator.control.orders import ORDERS, BadOrder, found_conversation
from acs_emulator.control.state import state
from acs_emulator.errors import Refused
from acs_emulator.journal import Entry
from acs_emulator.world import World

STATIC = Path(__file__).parent / "static"

# A page that does not read is let go.
WAITING_ENTRIES = 5_000


class Control:
    """All routes of the control page on one aiohttp application."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, application: web.Application) -> None:
        router = application.router
        router.add_get("/", self._to_the_page)
        router.add_get("/emulator", self._to_the_page)
        router.add_get("/emulator/", self._page)
        router.add_static("/emulator/static", STATIC)
        router.add_get("/emulator/state", self._state)
        router.add_get("/emulator/validate", self._validate)
        router.add_get("/emulator/journal", self._journal)
        router.add_get("/emulator/journal/live", self._live)
        router.add_get("/emulator/microphone", self._microphone)
        router.add_post("/emulator/{order}", self._order)

    async def _to_the_page(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/emulator/")

    async def _page(self, request: web.Request) -> web.StreamResponse:
        policy = "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'"
        return web.FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": policy})

    async def _state(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(state(self._world))

    async def _validate(self, request: web.Request) -> web.StreamResponse:
        """The handshake of Event Grid by hand: whoever runs the webhook opens this address."""
        if self._world.grid.validated(request.query.get("code", "")):
            return web.json_response("Webhook successfully validated as a subscription endpoint.")
        detail = "There is no handshake with this code, or it is done, or older than ten minutes."
        return web.json_response({"detail": detail}, status=404)

    async def _journal(self, request: web.Request) -> web.StreamResponse:
        """`?after=N&kind=event`."""
        kind = request.query.get("kind")
        return web.json_response(self._world.journal.entries(kind, _after(request)))

    async def _order(self, request: web.Request) -> web.StreamResponse:
        order = ORDERS.get(request.match_info["order"])
        if order is None:
            return web.json_response({"detail": f"There is no such order: {', '.join(ORDERS)}."}, status=404)
        try:
            fields = await request.json() if request.can_read_body else {}
            if not isinstance(fields, dict):
                raise BadOrder(why="the body is no JSON object.")
            return web.json_response(await order(self._world, fields))
        except (json.JSONDecodeError, RecursionError) as wrong:
            return web.json_response({"detail": f"the body is not JSON: {wrong}"}, status=422)
        except Refused as wrong:
            return web.json_response({"detail": str(wrong)}, status=422)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """Entries after `?after=N`, then each as it is written: one JSON object a message."""
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        waiting: asyncio.Queue[Entry] = asyncio.Queue(WAITING_ENTRIES)
        behind = asyncio.Event()

        def take(entry: Entry) -> None:
            if waiting.full():
                behind.set()
            else:
                waiting.put_nowait(entry)

        end = self._world.journal.subscribe(take)
        sending = asyncio.create_task(_send(socket, self._world.journal.entries(after=_after(request)), waiting))
        lost = asyncio.create_task(_let_go(socket, behind))
        try:
            async for _ in socket:
                pass
        finally:
            end()
            sending.cancel()
            lost.cancel()
        return socket

    async def _microphone(self, request: web.Request) -> web.StreamResponse:
        """`?conversation=…&who=…`: that person's voice is this socket's from now on; they leave with it. `name` is in
        the state. Browsers see the reason of a refusal only in a close frame."""
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=1 << 20)
        if not socket.can_prepare(request).ok:
            return web.json_response({"detail": "This is a WebSocket: the page opens it."}, status=426)
        await socket.prepare(request)
        try:
            conversation = found_conversation(self._world, request.query.get("conversation", ""))
            who = completed(request.query.get("who") or "8:acs:browser")
            check_free(conversation, who)
        except Refused as wrong:
            await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=str(wrong).encode()[:120])
        else:
            await attend(socket, self._world, conversation, who, request.query.get("name", "")[:40])
        return socket


async def _send(socket: web.WebSocketResponse, past: list[Entry], coming: asyncio.Queue[Entry]) -> None:
    for entry in past:
        await socket.send_json(entry)
    while True:
        await socket.send_json(await coming.get())


async def _let_go(socket: web.WebSocketResponse, behind: asyncio.Event) -> None:
    await behind.wait()
    await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"you do not read")


def _after(request: web.Request) -> int:
    after = request.query.get("after", "0")
    return int(after) if after.isdecimal() else 0
