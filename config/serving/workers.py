"""Several serving processes on one port (WORKERS): starts them, starts anew what died, passes signals on, and replaces
one after the other on SIGHUP. Has no call, no stream and no database: there is little here that could go wrong."""

import contextlib
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from config.serving.pulse import Pulse, waits_for_a_disk
from config.serving.slots import Part, Slots
from config.serving.stop import POLL_SECONDS, Stop

log = logging.getLogger(__name__)

YOUNG_SECONDS = 10.0  # who dies before is started again later and later
LONGEST_WAIT = 30.0
KILLED_SECONDS = 5.0
START_SECONDS = 120.0  # a new one that takes nothing by then will not


@dataclass(eq=False)
class Worker:
    slot: int
    process: "subprocess.Popen[bytes]"
    began: float = field(default_factory=time.monotonic)
    leaving: bool = False
    pulse: Pulse = field(default_factory=Pulse)
    told: bool = False  # that it hangs
    hung: bool = False  # and was killed for it

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None


class Workers:
    """`command` is what starts one, but for its part. Each takes at most so many `streams`. One whose event loop stood
    still for `patience` seconds is ended (0: none is), and one whose loop has not begun for `start_seconds`, if that is
    longer."""

    def __init__(
        self,
        count: int,
        command: list[str],
        sockets: list[socket.socket],
        stop: Stop,
        streams: int,
        patience: int,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self.count, self.command, self.sockets, self.stop, self.patience = count, command, sockets, stop, patience
        self.start_seconds = start_seconds
        self.slots = Slots.make(2 * count + 1, streams)  # old and new ones side by side
        self.all: list[Worker] = []
        self._heard = 0  # hangups
        self._wait = 0.0
        self._not_before = 0.0

    def run(self, parent: int, announce: Callable[[], None]) -> int:
        """Until they are told to stop. The exit code: that of the first one that could not even start, else 0."""
        self.parent = parent
        for _ in range(self.count):
            self._start()
        while not (self.stop.asked or all(self.slots.is_taking(worker.slot) for worker in self.all)):
            self._renew_hung()
            if failed := next((worker for worker in self.all if worker.ended), None):
                self._end()
                return failed.process.returncode or 1
            time.sleep(POLL_SECONDS)
        if not self.stop.asked:
            announce()
        while self._tend(lambda: self.stop.hangups > self._heard):
            self._heard = self.stop.hangups
            self._replace_all()
        return self._end()

    # --- one of them ------------------------------------------------------------------------------------------------

    def _start(self) -> Worker:
        slot = next(slot for slot in range(2 * self.count + 1) if slot not in {worker.slot for worker in self.all})
        self.slots.bury(slot)
        given = tuple(each.fileno() for each in self.sockets)
        part = Part(self.slots.file, slot, self.parent, given)
        process = subprocess.Popen(  # a session of its own: Ctrl-C is for us alone, who pass it on once
            [*self.command, "--part", part.to_text()], pass_fds=(self.slots.file, *given), start_new_session=True
        )
        worker = Worker(slot, process)
        self.all.append(worker)
        return worker

    def _buried(self, worker: Worker) -> None:
        self.slots.bury(worker.slot)
        self.all.remove(worker)
        if worker.leaving:
            return
        young = time.monotonic() - worker.began < YOUNG_SECONDS
        self._wait = min(LONGEST_WAIT, max(1.0, 2 * self._wait)) if young else 0.0
        self._not_before = time.monotonic() + self._wait
        code = worker.process.returncode
        how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
        log.error("Process %d %s; what it had received is on disk.", worker.process.pid, how)

    def _look_at(self, worker: Worker) -> None:
        """Ends one that hangs: its streams are not read, and what they send would be lost while it seems to run."""
        silent = worker.pulse.silent_seconds(self.slots.beat_of(worker.slot), time.monotonic())
        longest = self.patience if worker.pulse.has_begun else max(self.patience, self.start_seconds)
        if not self.patience or silent < longest:
            worker.told = False
        elif waits_for_a_disk(worker.process.pid):
            if not worker.told:
                log.error("Process %d hangs for %.0f s: it waits for a disk.", worker.process.pid, silent)
            worker.told = True
        else:
            log.error("Process %d hangs for %.0f s, and is killed.", worker.process.pid, silent)
            worker.hung = True
            worker.process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.process.wait(KILLED_SECONDS)

    def _renew_hung(self) -> None:
        """At the start: those that can start are up by then, and have streams perhaps."""
        for worker in list(self.all):
            self._look_at(worker)
            if worker.hung and worker.ended:
                self._buried(worker)
                self._start()

    # --- all of them ------------------------------------------------------------------------------------------------

    def _tend(self, holds: Callable[[], bool]) -> bool:
        """Keeps so many running until that holds; False where we are to stop before."""
        while not self.stop.asked:
            for worker in [worker for worker in self.all if worker.ended]:
                self._buried(worker)
            for worker in self.all:
                self._look_at(worker)
            if holds():
                return True
            staying = sum(not worker.leaving for worker in self.all)
            if staying < self.count and time.monotonic() >= self._not_before:
                self._start()
            time.sleep(POLL_SECONDS)
        return False

    def _replace_all(self) -> None:
        """A new one first, then the old one goes: there are never fewer than there should be."""
        old = list(self.all)
        log.warning("Replacing %d processes, one after the other.", len(old))
        for worker in old:
            self.slots.mark(worker.slot)
        for worker in old:
            if worker.ended:
                continue  # is replaced already
            new = self._start()
            if not self._tend(lambda new=new: self._has_come(new)):  # type: ignore[misc]
                return
            if not self.slots.is_taking(new.slot):
                self._stay(new)
                return
            log.info("Process %d takes connections after %.1f s.", new.process.pid, time.monotonic() - new.began)
            self._let_go(worker)
            if not self._tend(lambda worker=worker: worker not in self.all):  # type: ignore[misc]
                return
        log.warning("All processes are new.")

    def _has_come(self, new: Worker) -> bool:
        """Or has not, and will not."""
        return self.slots.is_taking(new.slot) or new.ended or time.monotonic() - new.began > self.start_seconds

    def _let_go(self, worker: Worker) -> None:
        worker.leaving = True
        if not worker.ended:
            worker.process.send_signal(signal.SIGTERM)

    def _stay(self, new: Worker) -> None:
        log.error("The new process did not start: the others go on as they are.")
        self._let_go(new)
        for kept in self.all:
            self.slots.mark(kept.slot, going=False)

    def _end(self) -> int:
        """Each drains; a second signal is passed on, too."""
        passed = 0
        for worker in self.all:
            if not worker.leaving:  # nobody comes in its place any more
                self.slots.mark(worker.slot, going=False)
        while any(not worker.ended for worker in self.all):
            for worker in self.all:
                if not worker.ended:
                    self._look_at(worker)
                if worker.ended:
                    self.slots.bury(worker.slot)  # one that was killed: the others are not to wait for it
            if passed < min(2, max(1, self.stop.signals)):
                passed += 1
                for worker in self.all:
                    if not worker.ended and (passed > 1 or not worker.leaving):  # one that leaves has its first already
                        worker.process.send_signal(signal.SIGTERM)
            time.sleep(POLL_SECONDS)
        return 0


def command() -> list[str]:
    """Which program we are, as it was started."""
    return [sys.executable, sys.argv[0], "serve"]
