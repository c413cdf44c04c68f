"""The callbacks of one call: in order, each signed anew, and spoiled where a scenario says so. Knows nothing of what
they mean."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from acs_emulator.events.cloud import in_2022
from acs_emulator.events.pending import REPLY, Reply
from acs_emulator.events.posting import post
from acs_emulator.scenario import EventFault

if TYPE_CHECKING:
    from acs_emulator.world import World

# The real Content-Type is in no source; the samples use this one (ACS.md 5.2).
CONTENT_TYPE = "application/cloudevents+json"


class Outgoing(NamedTuple):
    uri: str
    event: dict[str, Any]
    reply: Reply | None
    fault: EventFault | None

    @property
    def kind(self) -> str:
        return str(self.event["type"]).rpartition(".")[2]

    @property
    def does(self) -> str:
        """What the scenario does to it; "" for nothing."""
        return self.fault.do if self.fault else ""


class Callbacks:
    """One per call. `close` ends it: what waits is not sent any more."""

    def __init__(self, world: "World", call_connection_id: str, people: Sequence[str]) -> None:
        self._world, self._call, self._people = world, call_connection_id, people
        self._queue: asyncio.Queue[Outgoing] = asyncio.Queue()
        self._waiting: Outgoing | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def send(self, uri: str, event: dict[str, Any]) -> None:
        """Queues a CloudEvent; it leaves after the answer of the request that it follows from."""
        if self._closed:
            return
        fault = self._world.scenario.event_fault(event["type"], self._people)
        outgoing = Outgoing(uri, event, REPLY.get(), fault)
        if fault and fault.do == "before_reply":
            self._spawn(self._overtake(outgoing))
            return
        if outgoing.reply and outgoing.reply.awaited == outgoing.kind:
            outgoing.reply.overtaken.set()  # it was let pass, by chance
        self._queue.put_nowait(outgoing)
        if self._task is None or self._task.done():
            self._task = self._spawn(self._run())

    def close(self) -> None:
        self._closed = True
        if self._task:
            self._task.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._world.spawn(work, f"callbacks of {self._call}")

    async def _run(self) -> None:
        while not self._queue.empty():
            outgoing = self._queue.get_nowait()
            if outgoing.reply:
                await outgoing.reply.sent.wait()
            await self._one(outgoing)

    async def _one(self, outgoing: Outgoing) -> None:
        does, fault = outgoing.does, outgoing.fault
        if fault:
            self._note(outgoing, fault)
        if does == "lose":
            return
        if fault and does == "delay":
            self._spawn(self._later(outgoing, fault.by))
            return
        if self._waiting and self._waiting.does == "batch":
            first, self._waiting = self._waiting, None
            await self._post(first, outgoing)
            return
        if fault and does in {"swap", "batch"}:
            await self._release_waiting()
            self._waiting = outgoing
            self._spawn(self._no_other(outgoing, fault.by))
            return
        if does == "twice":
            await self._post(outgoing)
        await self._post(outgoing)
        await self._release_waiting()

    async def _overtake(self, outgoing: Outgoing) -> None:
        if outgoing.fault:
            self._note(outgoing, outgoing.fault)
        await self._post(outgoing)
        if outgoing.reply:
            outgoing.reply.overtaken.set()

    async def _later(self, outgoing: Outgoing, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._post(outgoing)

    async def _no_other(self, outgoing: Outgoing, seconds: float) -> None:
        """Nothing came that it could change places or go with."""
        await asyncio.sleep(seconds)
        if self._waiting is outgoing:
            await self._release_waiting()

    async def _release_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting:
            await self._post(waiting)

    async def _post(self, *all_: Outgoing) -> None:
        """In one request, to the address of the last."""
        last = all_[-1]
        headers = {"Authorization": f"Bearer {self._world.tokens.for_callback()}", "Content-Type": CONTENT_TYPE}
        facts: dict[str, Any] = {"event": " ".join(one.kind for one in all_), "call_connection_id": self._call}
        events = [in_2022(one.event) if one.does == "old" else one.event for one in all_]
        content = events[0] if last.does == "single" and len(events) == 1 else events
        await post(self._world, last.uri, content, headers, **facts)

    def _note(self, outgoing: Outgoing, fault: EventFault) -> None:
        facts = {"event": outgoing.kind, "call_connection_id": self._call}
        self._world.journal.write("fault", fault=fault.do, **facts)
