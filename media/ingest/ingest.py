"""The event loop's side of recording: every open ACS socket of this process, what it received and has not yet been
handed to the spool, its limits. Per frame: append, decode, count. No ORM, no thread, no log line.

Nothing waits for a frame but the next hand-over to the spool. So no frame wakes a task: all sockets are asked in turn
for what has come (pulling.py says what that saves). Where a server cannot be asked, each message wakes its socket's
own loop in consumers.py, which also hears how a socket ends.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Protocol

from media.ingest.intake import Close, Intake, Verdict
from media.ingest.pulling import nothing
from media.monitoring.counters import counted
from media.spool.rows import Interval
from media.spool.writer import SpoolWriter

log = logging.getLogger(__name__)

PULL_SECONDS = 0.05  # also how coarse a frame's time of arrival is; from 100 ms on it could open gaps
PULLS_PER_INTERVAL = 2  # what was received in an interval of 100 ms is handed to the spool together


class Onlooker(Protocol):
    """Who wants to look at what was handed over (media/live/tap.py). `take` returns at once and never fails."""

    @property
    def wanted(self) -> bool: ...

    @property
    def hurried(self) -> bool:
        """Whether somebody hears a call, and half an interval later is noticed."""
        ...

    def take(self, taken: list[tuple[Intake, Interval]]) -> None: ...


class Places(Protocol):
    """What serving processes on one port know of each other's streams (config/serving/places.py)."""

    def holds(self, streams: int) -> None:
        """This process has so many."""
        ...

    def are_left_for(self, session_id: uuid.UUID) -> bool: ...

    def give_back(self, session_id: uuid.UUID) -> None: ...

    def keep(self, sessions: Iterable[uuid.UUID]) -> None:
        """For those that are about to be closed here."""
        ...


class Ingest:
    """All sockets of this process. Owned by the Runtime; everything here runs on the event loop. `most_waiting` bytes
    may wait for a stalled disk; beyond it sockets are not read. `beside` runs with it from the first socket on
    (watch.py)."""

    def __init__(
        self,
        spool: SpoolWriter,
        most_streams: int,
        most_waiting: int,
        beside: Callable[["Ingest"], Coroutine[Any, Any, None]],
    ) -> None:
        self.spool, self.most_streams, self.most_waiting, self._beside = spool, most_streams, most_waiting, beside
        self.intakes: dict[int, Intake] = {}
        self.draining = False
        self.disk_low = ""
        self.tap: Onlooker | None = None
        self.places: Places | None = None
        self._received_bytes = 0
        self._numbers = self._ticks = 0
        self._ending: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._room.set()
        self.full = False  # memory is; a plain attribute, since every frame asks
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def sockets(self) -> int:
        return len(self.intakes)

    @property
    def waiting(self) -> int:
        """Bytes that were received and are not yet committed."""
        return self._received_bytes - self.spool.committed_bytes

    def refusal(self) -> str:
        """Why a new stream cannot be taken now, "" when it can."""
        if self.draining:
            return "this server is about to stop"
        if self.disk_low:
            return self.disk_low
        if len(self.intakes) >= self.most_streams:
            return f"this server takes {self.most_streams} streams at once (MEDIA_MAX_STREAMS)"
        return ""

    def is_full_with(self, coming: int) -> bool:
        """Whether a stream more would be refused once so many, which are on their way, have come."""
        return bool(self.refusal()) or len(self.intakes) + coming >= self.most_streams

    def refusal_of(self, session_id: uuid.UUID) -> str:
        """The same for a stream of a certain session."""
        if reason := self.refusal():
            return reason
        if self.places and not self.places.are_left_for(session_id):
            return "processes are being replaced, and their streams come first (MEDIA_MAX_STREAMS)"
        return ""

    def keep_places(self) -> None:
        """For all streams, which are about to be closed."""
        if self.places:
            self.places.keep({intake.session_id for intake in self.intakes.values()})

    def give_back_place(self, session_id: uuid.UUID) -> None:
        """Of a stream that was closed in another process, and will not come back."""
        if self.places:
            self.places.give_back(session_id)

    def _tell_places(self) -> None:
        if self.places:
            self.places.holds(len(self.intakes))

    def open(self, session_id: uuid.UUID, connection_id: uuid.UUID, close: Close, facts: dict[str, Any]) -> Intake:
        """Takes a socket that was accepted. `facts` go into its `opened` row (never a secret)."""
        self._begin_handing_over()
        now = time.time_ns()
        self._numbers += 1
        counted.sockets_opened += 1
        intake = Intake(self._numbers, connection_id, session_id, close, now)
        self.intakes[intake.number] = intake
        self._tell_places()
        self.spool.opened(intake.number, now, {"connection": str(connection_id), "session": str(session_id), **facts})
        return intake

    def closed(self, intake: Intake, by: str, code: int, reason: str, failure: str = "") -> None:
        """The socket has ended: what it still held is handed over, then its `closed` row."""
        self._hand_over([intake])
        self._own_up(intake)  # even while memory is full: nothing comes after that could say so
        del self.intakes[intake.number]
        self._tell_places()
        facts = {"by": by, "code": code, "reason": reason, "failure": failure}
        self.spool.closed(intake.number, time.time_ns(), facts)

    async def room(self) -> None:
        """Returns when there is memory for more; a socket that waits here is not read (backpressure)."""
        await self._room.wait()

    def drop(self, intake: Intake, now: int) -> None:
        """A message that a server without backpressure forces on us while memory is full: counted, and a gap later."""
        if not intake.dropped:
            intake.dropped_since = now
        intake.dropped += 1
        intake.last_at = now

    async def close_all(self, code: int, reason: str, seconds: float = 3.0) -> None:
        """Closes every socket and waits until their loops have ended."""
        self._pull()
        for intake in self.intakes.values():
            intake.closing = Verdict(code, reason)
        closing = [asyncio.ensure_future(intake.close(code, reason)) for intake in self.intakes.values()]
        if closing:
            await asyncio.wait(closing, timeout=seconds)
        deadline = time.monotonic() + seconds
        while self.intakes and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        for intake in list(self.intakes.values()):
            self.closed(intake, "server", code, reason)

    def resume(self, intake: Intake) -> None:
        """There is room again after messages were dropped: what came before them, then that they are missing."""
        self._hand_over([intake])

    # --- pulling ----------------------------------------------------------------------------------------------------

    def _pull(self) -> None:
        """Takes what has come on every socket that can be asked. While memory is full nobody is (backpressure)."""
        if self.full:
            return
        for intake in self.intakes.values():
            try:
                messages = intake.pull()
                if messages:
                    self._take(intake, messages)
            except Exception:
                log.exception("media socket of session %s ended by an error", intake.session_id)
                intake.pull = nothing  # or it would fail, and be logged, at each turn until it is closed
                self._end(intake, Verdict(1011, "an error of this server"))

    def _take(self, intake: Intake, messages: Sequence[str | bytes]) -> None:
        now = time.time_ns()
        for message in messages:
            verdict = intake.take(message, now)
            if verdict is not None:
                self._end(intake, verdict)

    def _end(self, intake: Intake, verdict: Verdict) -> None:
        if intake.closing is None:
            intake.closing = verdict
            task = asyncio.ensure_future(intake.close(verdict.code, verdict.reason))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    # --- handing over -----------------------------------------------------------------------------------------------

    def _begin_handing_over(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(PULL_SECONDS, self._tick, loop)
            self._watching = loop.create_task(self._beside(self))

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not loop:
            return
        loop.call_later(PULL_SECONDS, self._tick, loop)
        self._pull()
        self._ticks += 1
        if self._ticks % PULLS_PER_INTERVAL and not (self.tap is not None and self.tap.hurried):
            return
        self._hand_over(list(self.intakes.values()))
        if self.full and self.waiting < self.most_waiting:
            self.full = False
            self._room.set()

    def _hand_over(self, intakes: list[Intake]) -> None:
        """What was received since the last time goes to the spool's thread; done here, on the loop, so that no lock is
        needed between a frame and its row."""
        intervals: list[Interval] = []
        for intake in intakes:
            if intake.interval.messages:
                interval = intake.interval
                intervals.append(interval)
                self._received_bytes += interval.size
                counted.frames += interval.audio
                counted.malformed += interval.malformed
                counted.unknown += interval.unknown
                counted.received_bytes += interval.size
                intake.interval = Interval(intake.number)
        if intervals:
            self.spool.hand_over(intervals)
            if self.tap is not None and self.tap.wanted:
                self.tap.take([(self.intakes[interval.connection], interval) for interval in intervals])
        for intake in intakes:
            if not self.full:
                self._own_up(intake)
        if self.waiting >= self.most_waiting:
            self.full = True
            self._room.clear()

    def _own_up(self, intake: Intake) -> None:
        """What was dropped stands in the spool, as a row between what came before and after it."""
        if intake.dropped:
            counted.dropped += intake.dropped
            self.spool.overload(intake.number, intake.last_at, intake.dropped, intake.dropped_since)
            intake.dropped = 0
