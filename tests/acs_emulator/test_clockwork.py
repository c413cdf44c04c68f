"""Clock, ticker and journal."""

import asyncio
import time

import pytest

from acs_emulator.clock import Clock, stamp
from acs_emulator.journal import Journal
from acs_emulator.ticker import Ticker
from tests.busy import allowance, kept_waiting


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        (0, "2026-11-22T19:16:12Z"),
        (1, "2026-11-22T19:16:12.9Z"),
        (3, "2026-11-22T19:16:12.925Z"),
        (7, "2026-11-22T19:16:12.9251234Z"),
    ],
)
def test_it_writes_stamps_with_any_number_of_digits(digits: int, text: str) -> None:
    assert stamp(1_795_374_972_925_123_499, digits) == text


def test_the_clock_jumps() -> None:
    clock = Clock()
    before = clock.now_ns()
    clock.jump(-3600)
    assert -3600 <= (clock.now_ns() - before) / 1e9 < -3599


@pytest.mark.parametrize(("seconds", "year"), [(-1e300, "0001"), (1e300, "9999"), (-3e12, "0001")])
def test_the_clock_ends_with_the_calendar(seconds: float, year: str) -> None:
    clock = Clock()
    clock.jump(seconds)
    assert clock.iso()[:4] == year
    assert clock.now().isoformat()[:4] == year
    assert stamp(round(seconds * 1e6) * 1000)[:4] == year


async def test_it_counts_every_tick_once_for_everybody() -> None:
    ticker, early, late = Ticker(), list[int](), list[int]()
    ticker.add(late.append)
    ticker.add(early.append, first=True)
    ticker.add(late.append)  # there already
    began, waited = time.monotonic(), kept_waiting()
    ticker.start()
    await asyncio.sleep(0.25)
    await ticker.stop()
    due = (time.monotonic() - began) * 50
    assert early == list(range(len(early)))
    assert late == early[: len(late)]
    assert due - 3 - 50 * allowance(0.25, kept_waiting() - waited) <= len(early) <= due + 2


async def test_one_failing_call_does_not_stop_the_others() -> None:
    ticker, heard, faults = Ticker(), list[int](), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context["exception"]))

    def failing(number: int) -> None:
        raise ZeroDivisionError

    ticker.add(failing)
    ticker.add(heard.append)
    ticker.start()
    await asyncio.sleep(0.1)
    await ticker.stop()
    assert len(faults) == 1
    assert len(heard) > 2


async def test_a_moment_has_one_tick() -> None:
    ticker = Ticker()
    ticker.start()
    begin = asyncio.get_running_loop().time()
    assert ticker.number_at(begin + 0.01) == 1
    assert ticker.number_at(begin + 1.01) == 51
    assert ticker.number_at(begin + 1.01) == ticker.number_at(begin + 1.015)
    await ticker.stop()


def test_the_journal_finds_and_tells() -> None:
    journal, told = Journal(Clock()), list[str]()
    end = journal.subscribe(lambda entry: told.append(entry["kind"]))
    first = journal.write("request", path="/a")
    journal.write("event", type="CallConnected")
    end()
    journal.write("request", path="/b")
    assert told == ["request", "event"]
    assert [entry["path"] for entry in journal.entries("request")] == ["/a", "/b"]
    assert [entry["path"] for entry in journal.entries("request", after=first["number"])] == ["/b"]
    assert len(journal.entries(path="/a")) == 1
