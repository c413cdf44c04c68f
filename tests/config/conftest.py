"""Servers for the tests of this folder: one of each kind for those that change nothing about it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import RunningServer


@pytest.fixture(scope="session", params=["uvicorn", "daphne"])
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Both servers, one after the other, each from an empty folder; shared."""
    folder = tmp_path_factory.mktemp(request.param) / "var"
    with RunningServer(folder, {"SERVER": request.param}, fresh=True) as server:
        yield server


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The default server; shared."""
    with RunningServer(tmp_path_factory.mktemp("shared") / "var") as server:
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of one's own, not started yet; killed at the end if it still runs."""
    made = RunningServer(tmp_path / "var")
    yield made
    made.kill()
