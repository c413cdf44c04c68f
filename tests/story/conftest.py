"""One server and one emulator for all stories, and all stories at once."""

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from tests.story.building import staged
from tests.story.stage import Stage
from tests.story.telling import STORIES, scenario, tell_all


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("story"), scenario()) as stage:
        yield stage
        assert stage.server.stop() == 0
        assert "Traceback" not in stage.server.output()


@pytest.fixture(scope="session")
def told(stage: Stage, request: pytest.FixtureRequest) -> Iterator[dict[str, Future[None]]]:
    """What becomes of each story that was asked for."""
    asked = [item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")]
    threads, futures = tell_all(stage, [name for name in STORIES if name in asked])
    yield futures
    threads.shutdown(cancel_futures=True)
