"""Servers for the tests of this folder: one of each kind for those that break nothing but streams."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.installation import Installation
from tests.faults.told import pytest_sessionfinish, pytest_terminal_summary, pytest_testnodedown, say  # noqa: F401

QUICK = {"CHUNK_SECONDS": "4", "MEDIA_REJOIN_SECONDS": "2", "API_RATE": "1000000"}


def _running(folder: Path, kind: str) -> Iterator[Installation]:
    made = Installation(folder / "var dir", {**QUICK, "SERVER": kind, "MEDIA_MAX_STREAMS": "5000"})
    try:
        made.start(seconds=120)
        yield made
        assert made.stop() == 0
        assert "Traceback" not in made.output()
    finally:
        made.kill()


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
def alone(tmp_path: Path) -> Iterator[Installation]:
    """A server of the test's own, not started yet; killed at the end if it still runs."""
    made = Installation(tmp_path / "var dir", QUICK)
    yield made
    made.kill()
