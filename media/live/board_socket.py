"""`WS /ws/board`: what is running, for a browser. The page answers each beat; one that does not is let go."""

import asyncio
import contextlib
import json
import time
from typing import Any

from calls.access import Right as Calls
from media.access import Right
from media.live.door import TOO_SLOW, Closed, close, enter, watch_over
from media.live.hub import Hub, hub

RIGHTS = (Right.LIST,)
ANSWER_SECONDS = 20.0
ASLEEP = "This page has not answered for 20 seconds."


async def board_socket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    visitor = await enter(scope, receive, send, RIGHTS)
    if visitor is None:
        return
    page = Page(hub(), visitor.user.has_perm(Calls.LIST), receive, send)
    await until_one_ends(send, page.read(), page.write(), page.keep_awake(), watch_over(visitor, RIGHTS))
    page.leave()


class Page:
    """One watcher."""

    def __init__(self, live: Hub, sees_calls: bool, receive: Any, send: Any) -> None:
        self.live, self.receive, self.send = live, receive, send
        self.outlet = live.watch(sees_calls)
        self.answered = time.monotonic()

    async def read(self) -> None:
        """Returns when the page has gone. `{"type": "snapshot"}` asks for a new one; anything is a sign of life."""
        while True:
            message = await told(self.receive)
            if message is None:
                return
            self.answered = time.monotonic()
            if message.get("type") == "snapshot":
                self.outlet.begin_anew(self.live.board.snapshot(self.outlet.sees_calls))

    async def write(self) -> None:
        while True:
            text = await self.outlet.next()
            if text is None and self.outlet.closing:
                raise Closed(*self.outlet.closing)
            if text is None:
                self.outlet.begin_anew(self.live.board.snapshot(self.outlet.sees_calls))
            else:
                await self.send({"type": "websocket.send", "text": text})

    async def keep_awake(self) -> None:
        while True:
            await asyncio.sleep(1)
            if time.monotonic() - self.answered > ANSWER_SECONDS:
                raise Closed(TOO_SLOW, ASLEEP)

    def leave(self) -> None:
        self.live.unwatch(self.outlet)


async def told(receive: Any) -> dict[str, Any] | None:
    """The next message of the page, {} where it is none of ours; None at the end."""
    event = await receive()
    if event["type"] == "websocket.disconnect":
        return None
    try:
        message = json.loads(event.get("text") or "")
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


async def until_one_ends(send: Any, *work: Any) -> None:
    """Runs all until one ends or fails; a Closed closes the socket with its words."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            error = task.exception()
            if isinstance(error, Closed):
                await asyncio.wait_for(close(send, error.code, error.reason), 2)
            elif error and not isinstance(error, OSError):
                raise error
    except TimeoutError:
        pass  # it does not read: the close frame waits behind what it has not read, and goes with the connection
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
