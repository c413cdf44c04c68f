"""Takes connections from listening sockets that several processes share: whoever has the fewest comes first, so that
streams that last for hours are spread evenly, a full process is passed by, and one that is about to stop takes none
and loses none: what waits in the kernel belongs to all. Only when all are about to stop each answers to its end."""

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

from config.serving.slots import Slots

log = logging.getLogger(__name__)

STAND_BACK_SECONDS = 0.01  # so long another one may be faster, for each that we have more; then we take it whatever the
MOST_BACK = 5  # others do. A busy machine wakes the one with room later than us: without more time it stays behind
LAST_SECONDS = 0.5  # so long where we are full, or are about to go
LEAVING_SECONDS = 0.1  # so long where we are about to stop, and others are not
RETRY_SECONDS = 1.0  # when this process may open no more files
FULL_SECONDS = 0.05  # so long where it is not ours to take; then we look again


class Door:
    """`load` says how many connections this process has when so many more have come (slots.py says what is added where
    it takes no more streams); `protocol` makes what speaks with one. Made on the loop."""

    def __init__(
        self,
        sockets: list[socket.socket],
        protocol: Callable[[], Any],
        load: Callable[[int], int],
        slots: Slots,
        slot: int,
    ) -> None:
        self.sockets, self.protocol, self.load, self.slots, self.slot = sockets, protocol, load, slots, slot
        self._loop = asyncio.get_running_loop()
        self._taking: set[asyncio.Task[Any]] = set()
        self._closed = self._leaving = False

    def open(self) -> None:
        self._tell()
        for each in self.sockets:
            each.setblocking(False)
            self._loop.add_reader(each, self._comes, each)

    def is_replaced(self) -> bool:
        """Whether a new process stands in for this one."""
        return self.slots.is_marked(self.slot)

    def leave(self) -> None:
        """From here on connections are the business of the others, as long as there are any: where all drain, ACS's
        callbacks, probes and pages have their answers still, and a new stream its 503."""
        self._leaving = True
        self.slots.clear(self.slot)

    def close(self) -> None:
        """From here on connections are the business of the others."""
        self._closed = True
        self.slots.clear(self.slot)
        for each in self.sockets:
            self._loop.remove_reader(each)

    def _comes(self, each: socket.socket) -> None:
        if self._leaving and self.slots.others_take(self.slot):
            self._wait(each, LEAVING_SECONDS)
            return
        if self._leaving:
            self._take(each)
        elif not self._is_ours():
            self._wait(each, FULL_SECONDS, takes=False)
        elif not (lead := self.slots.lead(self.slot)):
            self._take(each)
        else:
            last = self.slots.is_full(self.slot) or self.slots.is_marked(self.slot)
            self._wait(each, LAST_SECONDS if last else STAND_BACK_SECONDS * min(lead, MOST_BACK))

    def _is_ours(self) -> bool:
        """Not where we are full and others are not, nor where we only may be, and will know in a moment: a stream would
        hear 503 although there is room."""
        self._tell()
        if self.slots.is_full(self.slot):
            return not self.slots.others_may_have_room(self.slot)
        return not self.slots.may_be_full(self.slot)

    def _wait(self, each: socket.socket, seconds: float, takes: bool = True) -> None:
        self._loop.remove_reader(each)
        self._loop.call_later(seconds, self._after_all, each, takes)

    def _after_all(self, each: socket.socket, takes: bool) -> None:
        if not self._closed:
            self._loop.add_reader(each, self._comes, each)
            if takes and not self._leaving and self._is_ours():
                self._take(each)

    def _take(self, each: socket.socket) -> None:
        try:
            connection, _ = each.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another one was faster, or it is gone
        except OSError as error:
            log.error("No connection can be taken (%s); it is tried again.", error.strerror)
            self._wait(each, RETRY_SECONDS)
            return
        task = self._loop.create_task(self._meet(connection))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)
        self._tell()

    async def _meet(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self.protocol, connection)
        except OSError:
            connection.close()  # gone already

    def _tell(self) -> None:
        if not self._leaving:
            self.slots.takes(self.slot, self.load(len(self._taking)))
