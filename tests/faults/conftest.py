"""Servers for the tests of this folder: one of each kind for those that break nothing but streams."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import told
from tests.faults.installation import Installation

Say = Callable[[str], object]
QUICK = {"CHUNK_SECONDS": "4", "MEDIA_REJOIN_SECONDS": "2"}


def _running(folder: Path, kind: str) -> Iterator[Installation]:
    made = Installation(folder / "var dir", {**QUICK, "SERVER": kind, "MEDIA_MAX_STREAMS": "5000"})
    try:
        made.start(seconds=120)
        yield made
        assert made.stop() == 0
        assert "Traceback" not in made.output()
    finally:
        made.kill()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Not where tests run in several processes: each knows only its own."""
    if told.LINES:
        terminalreporter.section("what each fault took")
        for line in told.table():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def uvicorn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    yield from _running(tmp_path_factory.mktemp("uvicorn"), "uvicorn")


@pytest.fixture(scope="session")
def daphne(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    yield from _running(tmp_path_factory.mktemp("daphne"), "daphne")


@pytest.fixture(params=["uvicorn", "daphne"])
def either(request: pytest.FixtureRequest) -> Installation:
    """Both servers, one after the other."""
    made: Installation = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Figures for whoever runs `make faults`, between the names of the tests."""

    def said(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n    {text}")

    return said


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Installation]:
    """A server of the test's own, not started yet; killed at the end if it still runs."""
    made = Installation(tmp_path / "var dir", QUICK)
    yield made
    made.kill()
