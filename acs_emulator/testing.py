"""A pytest fixture: the emulator inside the test's own process, on a loop and a free port of its own.

from acs_emulator.testing import acs, acs_scenario  # in a conftest.py

def test_it_places_a_call(acs):
    client = CallAutomationClient(acs.url, AzureKeyCredential(acs.key))

A scenario of the test's own: @pytest.mark.parametrize("acs_scenario", ["title: …"]), or the fixture of that name.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from acs_emulator.journal import Entry
from acs_emulator.record import Record
from acs_emulator.scenario import Scenario
from acs_emulator.scenario.reading import parse
from acs_emulator.server import serving
from acs_emulator.world import World

T = TypeVar("T")


class Emulator:
    """A running emulator. Only `do` and `wait_for` touch its world from another thread safely."""

    def __init__(self, world: World, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.world, self.url, self.key = world, url, world.key
        self.loop = loop

    @property
    def connection_string(self) -> str:
        return f"endpoint={self.url}/;accesskey={self.key}"

    def run(self, work: Coroutine[Any, Any, T], seconds: float = 20) -> T:
        """A coroutine on the emulator's loop; its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    def do(self, ask: Callable[[World], T]) -> T:
        """A question or an order to the world, on the emulator's loop."""

        async def asked() -> T:
            return ask(self.world)

        return self.run(asked())

    def wait_for(self, kind: str, seconds: float = 10, **facts: Any) -> Entry:
        """The first journal entry of this kind with these facts, past or to come. Raises TimeoutError with the
        journal in it."""
        return self.run(self._wait_for(kind, facts, seconds), seconds + 5)

    async def _wait_for(self, kind: str, facts: dict[str, Any], seconds: float) -> Entry:
        journal = self.world.journal
        try:
            async with asyncio.timeout(seconds):
                while not (found := journal.entries(kind, **facts)):
                    await asyncio.sleep(0.01)
                return found[0]
        except TimeoutError:
            lines = "\n".join(str(entry) for entry in journal)
            raise TimeoutError(f"No {kind} with {facts} within {seconds} s. The journal:\n{lines}") from None


class _Thread(threading.Thread):
    """The loop that the emulator lives on, from `__enter__` to `__exit__`."""

    def __init__(self, world: World, port: int) -> None:
        super().__init__(name="acs-emulator", daemon=True)
        self._world, self._port = world, port
        self._ready = threading.Event()
        self._emulator: Emulator | None = None
        self._failure: BaseException | None = None
        self._end: asyncio.Event | None = None

    def __enter__(self) -> Emulator:
        self.start()
        self._ready.wait()
        if self._emulator is None:
            raise RuntimeError("The emulator did not start.") from self._failure
        return self._emulator

    def __exit__(self, *failure: object) -> None:
        if self._emulator and self._end:
            self._emulator.loop.call_soon_threadsafe(self._end.set)
        self.join(20)

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001  (raised where the fixture waits)
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        async with serving(self._world, port=self._port) as url:
            self._emulator = Emulator(self._world, url, asyncio.get_running_loop())
            self._ready.set()
            await self._end.wait()


@contextmanager
def emulator(scenario: str = "", folder: Path | None = None, port: int = 0, **options: Any) -> Iterator[Emulator]:
    """`scenario`: the text of a scenario file, whose sounds are in `folder`; `port` 0: a free one; options as for
    World. Raises BadScenario. Everything sent on sockets is in `world.record.lines`, audio included."""
    decisions = Scenario(parse(scenario, "the scenario"), folder, "the test's scenario" if scenario else "")
    options.setdefault("record", Record(audio=True, memory=True))
    with _Thread(World(decisions, **options), port) as running:
        yield running


@pytest.fixture
def acs_scenario() -> str:
    """The scenario that `acs` plays: nothing fails, everybody answers and speaks."""
    return ""


@pytest.fixture
def acs(acs_scenario: str, tmp_path: Path) -> Iterator[Emulator]:
    with emulator(acs_scenario, tmp_path) as running:
        yield running
