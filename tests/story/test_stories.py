"""Every story of a call, told to its end."""

from concurrent.futures import Future
from importlib import import_module

import pytest

from tests.story.telling import STORIES

LONG_ONES = ("shipped", "comebacks", "lives", "announcements", "losses")  # go first
CHAPTERS = (*LONG_ONES, "events", "endings", "controls", "comings", "names", "streams")
for chapter in CHAPTERS:
    import_module(f"tests.story.{chapter}")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", STORIES)
def test_it_tells_the_story_of(name: str, told: dict[str, Future[None]]) -> None:
    told[name].result()
