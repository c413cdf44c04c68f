"""Which request an event follows from. The service answers a request before it tells what came of it, unless a scenario
asks for the other order."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(eq=False)
class Reply:
    """The answer of one request: `sent`, and `overtaken` by an event that a scenario sends before it.

    awaited: the event that is to come first; "" for none. done: the operation happened, so that events follow.
    fails: it is accepted, and what follows is that it failed.
    """

    awaited: str = ""
    done: bool = False
    fails: bool = False

    sent: asyncio.Event = field(default_factory=asyncio.Event)
    overtaken: asyncio.Event = field(default_factory=asyncio.Event)


# Inherited by every task that a request starts; None in what happens by itself.
REPLY: ContextVar[Reply | None] = ContextVar("reply", default=None)


def fails() -> bool:
    """Whether the scenario lets the operation fail that this follows from."""
    reply = REPLY.get()
    return bool(reply and reply.fails)
