"""One POST to an application, again where it fails, and in the journal each time. Knows no calls."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp

from acs_emulator.media.connection import without_query

if TYPE_CHECKING:
    from acs_emulator.world import World

# Before the second, third and fourth attempt. The service's own policy is undocumented (ACS.md 5.2).
RETRIES = (0.5, 1.0, 2.0)


async def post(
    world: "World", url: str, content: Any, headers: dict[str, str], **facts: Any
) -> tuple[int, dict[str, Any]]:
    """The status and JSON of the answer; (0, {}) where there was none. A 4xx other than 408 and 429 is final, as is
    success."""
    status = 0
    answer: dict[str, Any] = {}
    for attempt, wait in enumerate((*RETRIES, None), start=1):
        status, answer, why = await _once(world, url, content, headers)
        world.journal.write(
            "event", url=without_query(url), status=status, attempt=attempt, content=content, **facts, **why
        )
        if wait is None or (status and status < 500 and status not in {408, 429}):
            break
        await asyncio.sleep(wait)
    return status, answer


async def _once(
    world: "World", url: str, content: Any, headers: dict[str, str]
) -> tuple[int, dict[str, Any], dict[str, str]]:
    body = json.dumps(content).encode()
    try:
        async with world.http.post(url, data=body, headers=headers, allow_redirects=False) as response:
            return response.status, _object(await response.read()), {}
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as wrong:
        return 0, {}, {"why": f"{type(wrong).__name__}: {wrong}"}


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
