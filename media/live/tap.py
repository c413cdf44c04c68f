"""The tap in the stream: what the ingest hands to the spool anyway is read once more for those who watch and listen,
in a thread of its own. While nobody does, it is one question per 100 ms. What cannot be read in time is not shown;
nothing here can delay or drop what is kept."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from media.ingest.intake import Intake
from media.live.interest import Interests
from media.live.messages import Interest, Tapped, part_for
from media.live.reading import Piece, Reader
from media.spool.rows import Interval

log = logging.getLogger(__name__)

MOST_AT_ONCE = 8  # intervals that wait for the thread; half a second behind nobody needs to see any more

Publish = Callable[[dict[str, list[Tapped]]], None]


class Tap:
    """Used from the event loop. `publish` gets, on the loop, what was tapped for each channel of `interests`."""

    def __init__(self, publish: Publish) -> None:
        self.interests = Interests()
        self.read = self.missed = 0  # intervals
        self._publish = publish
        self._reader = Reader()
        self._thread = ThreadPoolExecutor(1, "live tap")
        self._waiting = 0

    @property
    def wanted(self) -> bool:
        return bool(self.interests)

    @property
    def hurried(self) -> bool:
        return self.interests.hearing_any

    def take(self, taken: Sequence[tuple[Intake, Interval]]) -> None:
        """What just went to the spool; returns at once."""
        if self._waiting >= MOST_AT_ONCE:
            self.missed += 1
            return
        self.interests.forget_old(time.monotonic())
        interests = tuple(self.interests)
        watching, hearing = self.interests.watching, self.interests.hearing
        pieces = [
            Piece(intake.session_id, intake.id, intake.rate, interval.messages, interval.arrivals)
            for intake, interval in taken
            if watching or intake.session_id in hearing or intake.id in hearing
        ]
        if pieces:
            self._waiting += 1
            self.read += 1
            self._thread.submit(self._work, pieces, interests, hearing, asyncio.get_running_loop())

    def _work(
        self,
        pieces: list[Piece],
        interests: tuple[Interest, ...],
        hearing: frozenset[UUID],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """In the thread."""
        found: dict[str, list[Tapped]] = {}
        try:
            tapped = self._reader.read(pieces, hearing)
            found = {interest.channel: part_for(interest, tapped) for interest in interests}
        except Exception:
            log.exception("An interval could not be shown; it is recorded all the same.")
        finally:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._done, found)

    def _done(self, found: dict[str, list[Tapped]]) -> None:
        self._waiting -= 1
        self._publish({channel: tapped for channel, tapped in found.items() if tapped})
