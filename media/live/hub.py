"""Running calls in one process: its tap, its board, its listeners, and the channel that ties it to the other processes.
Everything on one event loop."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from media.live import database, rows
from media.live.board import Board, Watcher
from media.live.hearing import Hearing
from media.live.interest import ANNOUNCE_SECONDS
from media.live.layer import Layer
from media.live.messages import Interest, Question, Sound, Tapped
from media.live.outlet import Outlet
from media.live.tap import Tap

log = logging.getLogger(__name__)

LEVELS_SECONDS, LOOK_SECONDS, LEAST_SECONDS = 0.2, 0.9, 0.1
STILL_COMING_SECONDS = 3.0
HERE = ""  # the channel of what concerns this process itself: it takes no detour, and works while Redis is away
AWAY = "The database does not answer: states are not current."


class Hub:
    """`begin` once there is a loop."""

    def __init__(self) -> None:
        self.tap = Tap(self._publish)
        self.board = Board()
        self.hearings: dict[UUID, Hearing] = {}
        self.layer = Layer()
        self.delivered = 0  # intervals that reached this process
        self._said: Interest | None = None
        self._wake, self._look_now = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(_for_ever(each)) for each in (self._talk, self._tick, self._look_often)]

    # --- who is interested ------------------------------------------------------------------------------------------

    def watch(self, sees_calls: bool = True) -> Watcher:
        outlet = self.board.open(sees_calls)
        self._changed()
        self._look_now.set()
        return outlet

    def unwatch(self, outlet: Watcher) -> None:
        self.board.outlets.discard(outlet)
        if not self.board.watched:
            self.board = Board()
        self._changed()

    def listen(self, session: UUID, labels: dict[str | None, str]) -> tuple[Hearing, Outlet]:
        hearing = self.hearings.setdefault(session, Hearing(session))
        hearing.labels.update(labels)
        outlet = hearing.open()
        self._changed()
        self._look_now.set()
        return hearing, outlet

    def unlisten(self, hearing: Hearing, outlet: Outlet) -> None:
        hearing.outlets.discard(outlet)
        if not hearing.outlets:
            self.hearings.pop(hearing.session, None)
        self._changed()

    def look_now(self) -> None:
        """Something has changed in the database; seen within a second otherwise."""
        self._look_now.set()

    async def end(self, code: int, reason: str) -> None:
        """Before the process goes."""
        for outlet in [*self.board.outlets, *(each for one in self.hearings.values() for each in one.outlets)]:
            outlet.close(code, reason)
        await self.layer.leave()

    def interest(self, channel: str) -> Interest:
        ids = frozenset[UUID]().union(*(hearing.ids for hearing in self.hearings.values()))
        return Interest(channel, self.board.watched, ids)

    def _changed(self) -> None:
        self.tap.interests.note(self.interest(HERE), time.monotonic())
        self._wake.set()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(LEVELS_SECONDS)
            if self.board.watched or self.hearings:
                self.tap.interests.note(self.interest(HERE), time.monotonic())
            if self.board.watched:
                self.board.say_levels()

    # --- with the other processes -----------------------------------------------------------------------------------

    async def _talk(self) -> None:
        await self.layer.join()
        await asyncio.gather(self._announce(), self._receive(), self.layer.send_all())

    async def _announce(self) -> None:
        while True:
            interest = self.interest(self.layer.channel)
            self._wake.clear()
            if interest or self._said:
                self.layer.say("", interest)
            self._said = interest or None
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), ANNOUNCE_SECONDS if interest else None)
            await self.layer.join()

    async def _receive(self) -> None:
        while True:
            message = await self.layer.receive()
            if isinstance(message, Interest) and message.channel != self.layer.channel:
                self.tap.interests.note(message, time.monotonic())
            elif isinstance(message, Question):
                self._wake.set()
            elif isinstance(message, Sound):
                self._deliver(message.tapped)

    def _publish(self, found: dict[str, list[Tapped]]) -> None:
        """From the tap."""
        for channel, tapped in found.items():
            if channel == HERE:
                self._deliver(tapped)
            else:
                self.layer.say(channel, Sound(tapped))

    def _deliver(self, tapped: list[Tapped]) -> None:
        self.delivered += 1
        if self.board.watched:
            self.board.hear(tapped)
        if self.hearings:
            heard = {key: hearing for hearing in self.hearings.values() for key in hearing.ids}
            for each in tapped:
                if hearing := heard.get(each.connection) or heard.get(each.session):
                    hearing.heard_at = time.monotonic()
                    hearing.hear(each)

    # --- with the database ------------------------------------------------------------------------------------------

    async def _look_often(self) -> None:
        """Once a second while anybody watches or listens, and at once when somebody begins to."""
        while True:
            if not (self.board.watched or self.hearings):
                await self._look_now.wait()
            self._look_now.clear()
            await self._look()
            await asyncio.sleep(LEAST_SECONDS)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._look_now.wait(), LOOK_SECONDS)

    async def _look(self) -> None:
        board = self.board
        try:
            if board.watched:
                await self._look_for(board)
            if self.hearings:
                await self._look_for_hearings()
        except database.AWAY as error:
            if not board.trouble:
                log.warning("The board cannot look into the database: %s", " ".join(str(error).split()))
            board.trouble = AWAY
        board.unheard = self.layer.trouble
        if board.watched:
            board.say("beat", trouble=board.not_current)

    async def _look_for(self, board: Board) -> None:
        look = await database.ask(rows.look)
        vanished = board.vanished(look)
        board.see(look, await database.ask(lambda: rows.ends_of(vanished)) if vanished else {})
        if new := board.unstored_lanes():
            board.name(await database.ask(lambda: rows.names_of_lanes(new)))
        if lanes := board.unheard_lanes():
            spoke = await database.ask(lambda: rows.last_speech(lanes))
            board.know_speech({lane: int(at.timestamp() * 1000) for lane, at in spoke.items()})

    async def _look_for_hearings(self) -> None:
        sessions = list(self.hearings)
        opened = await database.ask(lambda: rows.connections_of(sessions))
        ends = await database.ask(lambda: rows.ends_of(sessions))
        for session, hearing in list(self.hearings.items()):
            before = hearing.connections
            hearing.connections = opened.get(session, before)
            if hearing.connections != before:
                self._changed()
            silent = time.monotonic() - hearing.heard_at > STILL_COMING_SECONDS
            if session in ends and silent:
                hearing.end(1000, f"This session has ended: {ends[session][1]}")


async def _for_ever(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.exception("An error while showing running calls; recording is not touched by it.")
            await asyncio.sleep(1)


def look_soon() -> None:
    """Something that the board shows has changed. From any thread."""
    if _hub is not None and _loop is not None and not _loop.is_closed():
        _loop.call_soon_threadsafe(_hub.look_now)


async def end(code: int, reason: str) -> None:
    """Before the process goes: browsers are told, other processes forget this one."""
    if _hub is not None and _loop is asyncio.get_running_loop():
        await _hub.end(code, reason)


_hub: Hub | None = None
_loop: asyncio.AbstractEventLoop | None = None


def hub() -> Hub:
    """The hub of the running loop, which has begun."""
    global _hub, _loop
    loop = asyncio.get_running_loop()
    if _hub is None or _loop is not loop:
        _hub, _loop = Hub(), loop
        _hub.begin()
    return _hub
