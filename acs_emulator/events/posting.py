"""One POST to an application, again where it fails, and in the journal each time. Knows no calls."""

import asyncio
import json
from collections.abc import Container
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp

from acs_emulator.media.connection import without_query
from acs_emulator.media.socket import plain

if TYPE_CHECKING:
    from acs_emulator.world import World


class Policy(NamedTuple):
    """`waits`: seconds before the second, third… attempt; `final`: the statuses after which there is none."""

    waits: tuple[float, ...]
    final: Container[int]


# The service's own policy for callbacks is undocumented (ACS.md 5.2).
CALLBACKS = Policy((0.5, 1.0, 2.0), set(range(100, 500)) - {408, 429})
# Event Grid comes again for a day; so long as a developer waits. What is malformed or too large it gives up at once.
GRID = Policy((1.0, 2.0, 4.0, 8.0, 15.0), {*range(200, 300), 400, 413})
ONCE = Policy((), ())


class Posted(NamedTuple):
    """`status` 0: no answer, and `why`; `answer`: the JSON object that came back, if one did."""

    status: int
    answer: dict[str, Any]
    why: str = ""


async def post(
    world: "World", url: str, content: Any, headers: dict[str, str], policy: Policy = CALLBACKS, **facts: Any
) -> Posted:
    """How the last attempt went."""
    for attempt, wait in enumerate((*policy.waits, None), start=1):
        posted = await _once(world, url, content, headers, attempt)
        why = {"why": posted.why} if posted.why else {}
        world.journal.write(
            "event", url=without_query(url), status=posted.status, attempt=attempt, content=content, **facts, **why
        )
        if wait is None or (posted.status and posted.status in policy.final):
            break
        await asyncio.sleep(wait)
    return posted


async def _once(world: "World", url: str, content: Any, headers: dict[str, str], attempt: int) -> Posted:
    body = json.dumps(content).encode()
    counted = {"aeg-delivery-count": str(attempt - 1)} if "aeg-event-type" in headers else {}
    try:
        async with world.http.post(url, data=body, headers=headers | counted, allow_redirects=False) as response:
            return Posted(response.status, _object(await response.read()))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as wrong:
        return Posted(0, {}, said(wrong))


def said(wrong: Exception) -> str:
    """Why there was no answer, in plain words."""
    if isinstance(wrong, aiohttp.ClientConnectorCertificateError):
        return f"the certificate of {wrong.host} is not trusted ({wrong.certificate_error})"
    if isinstance(wrong, aiohttp.ClientConnectorError):
        return f"{wrong.host}:{wrong.port} cannot be reached: {plain(wrong.os_error)}"
    if isinstance(wrong, TimeoutError):
        return "no answer within 10 s"
    if isinstance(wrong, aiohttp.InvalidURL | UnicodeError):
        return "this is no address"
    return str(wrong) or type(wrong).__name__


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
