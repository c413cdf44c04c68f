"""HTTP to operation and back: proof, the scenario's faults, repeatability, the journal. Knows no operation."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import hdrs, web

from acs_emulator.events.pending import REPLY, Reply
from acs_emulator.media.connection import without_query
from acs_emulator.rest import auth
from acs_emulator.rest.asked import Asked
from acs_emulator.rest.body import Body
from acs_emulator.rest.concerning import people_of
from acs_emulator.rest.errors import ApiError, fitting
from acs_emulator.rest.operations import ROUTES, Route
from acs_emulator.rest.repeatability import Answer, Repeatability
from acs_emulator.scenario import RestFault
from acs_emulator.world import World

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Fields whose values are addresses, which may hold an application's secrets.
_ADDRESSES = ("Uri", "Url", "uri")


class Door:
    """All routes of the REST surface on one aiohttp application."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._repeated = Repeatability()

    def add_to(self, application: web.Application) -> None:
        for route in ROUTES:
            application.router.add_route(route.method, route.path, self._for(route))
        application.router.add_route("*", "/calling/{unknown:.*}", self._unknown)

    def _for(self, route: Route) -> _Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            began, reply = time.monotonic(), Reply()
            try:
                content = await request.read()
            except web.HTTPRequestEntityTooLarge as large:
                return web.json_response(fitting(413, message=str(large.text)).model(), status=413)
            except ConnectionError:  # who asked is gone
                return web.Response(status=400)
            REPLY.set(reply)
            people = people_of(self._world, request.match_info.get("call", ""), content)
            if overtaking := self._world.scenario.overtakes(route.name, people):
                reply.awaited = overtaking.type
            try:
                answer = await self._answer(route, request, content, people)
                if overtaking and reply.done:
                    await _let_overtake(reply, overtaking.by)
                self._note(route, request, content, answer, began)
                return await _send(request, answer)
            finally:
                reply.sent.set()

        return handle

    async def _answer(self, route: Route, request: web.Request, content: bytes, people: Sequence[str]) -> Answer:
        try:
            path, world = request.raw_path, self._world
            tokens, now = world.identity_tokens, world.clock.now()
            auth.check(route.method, path, request.headers, content, world.key, now, identity_tokens=tokens)
            return await self._faulty(route, request, content, people)
        except ApiError as refused:
            return Answer(refused.status, json.dumps(refused.model()).encode())
        except Exception as wrong:
            self._world.journal.write("emulator_error", operation=route.name, error=f"{type(wrong).__name__}: {wrong}")
            raise

    async def _faulty(self, route: Route, request: web.Request, content: bytes, people: Sequence[str]) -> Answer:
        """The operation, unless the scenario has something else in mind."""
        fault = self._world.scenario.rest_fault(route.name, people)
        if fault is None:
            return await self._once(route, request, content)
        self._world.journal.write("fault", fault="rest", operation=route.name, status=fault.status, delay=fault.delay)
        if reply := REPLY.get():
            reply.fails = fault.fails
        if fault.done:
            done = await self._once(route, request, content)
            if fault.delay and reply:
                reply.sent.set()  # nobody waits for this answer
            await asyncio.sleep(fault.delay)
            return done if fault.status is None else _spoiled(fault, fault.status)
        await asyncio.sleep(fault.delay)
        return await self._once(route, request, content) if fault.status is None else _spoiled(fault, fault.status)

    async def _once(self, route: Route, request: web.Request, content: bytes) -> Answer:
        """However often it is sent, also where its answer was spoiled."""
        repeat_id = request.headers.get("Repeatability-Request-ID")
        if repeat_id is None:
            return await self._run(route, request, content)
        return await self._repeated.once(request.raw_path, repeat_id, lambda: self._run(route, request, content))

    async def _run(self, route: Route, request: web.Request, content: bytes) -> Answer:
        version = request.query.get("api-version", "")
        try:
            asked = Asked(self._world, Body.read(content), version, dict(request.match_info))
            result = await route.run(asked)
        except ApiError as refused:
            return Answer(refused.status, json.dumps(refused.model()).encode())
        if reply := REPLY.get():
            reply.done = True
        return Answer(route.status, b"" if result is None else json.dumps(result).encode())

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        """404; or 405, where another method would be known."""
        method, path = request.method, request.path
        if allowed := await _methods_of(request):
            error = fitting(405, message=f"Not supported: {method} {path}. It takes {', '.join(allowed)}.")
        else:
            error = ApiError(404, "NotFound", f"There is no operation {method} {path}.")
        self._world.journal.write("request", operation="unknown", method=method, path=path, status=error.status)
        headers = {hdrs.ALLOW: ", ".join(allowed)} if allowed else None
        return web.json_response(error.model(), status=error.status, headers=headers)

    def _note(self, route: Route, request: web.Request, content: bytes, answer: Answer, began: float) -> None:
        self._world.journal.write(
            "request",
            operation=route.name,
            method=route.method,
            path=request.path,
            api_version=request.query.get("api-version", ""),
            client=request.headers.get("User-Agent", "").partition(" ")[0],
            status=answer.status,
            ms=round((time.monotonic() - began) * 1000),
            asked=_shown(content),
            answered=_shown(answer.body),
        )


async def _methods_of(request: web.Request) -> list[str]:
    """What can be done at this path."""
    found = [await resource.resolve(request) for resource in request.app.router.resources()]
    return sorted({method for _, methods in found for method in methods} - {hdrs.METH_ANY})


async def _let_overtake(reply: Reply, seconds: float) -> None:
    """Waits for the event that the scenario sends before this answer, at most as long as it says."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(reply.overtaken.wait(), seconds)


async def _send(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Sends all of it, so that what follows from the request comes after its answer on the wire."""
    response = web.Response(status=answer.status, body=answer.body or None)
    if answer.body:
        response.content_type = "application/json"
    if "Repeatability-Request-ID" in request.headers and answer.status < 300:
        response.headers["Repeatability-Result"] = "accepted"
    if answer.retry_after is not None:
        response.headers["Retry-After"] = f"{answer.retry_after:g}"
    if client_id := request.headers.get("x-ms-client-request-id"):
        response.headers["x-ms-client-request-id"] = client_id
    await response.prepare(request)
    await response.write_eof()
    return response


def _spoiled(fault: RestFault, status: int) -> Answer:
    body = json.dumps(fitting(status, fault.code, fault.message).model()).encode()
    return Answer(status, body if fault.body else b"", fault.retry_after)


def _shown(content: bytes) -> Any:
    """A body for the journal: no secrets in addresses; None where it is no JSON."""
    try:
        return _without_secrets(json.loads(content)) if content else None
    except (ValueError, RecursionError):
        return None


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _field(name, inner) for name, inner in value.items()}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value


def _field(name: str, value: Any) -> Any:
    return without_query(value) if isinstance(value, str) and name.endswith(_ADDRESSES) else _without_secrets(value)
