"""The admin's list of sessions and the page of one on a telephone: 360 pixels wide, and everything can be read."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser import browsing, serving
from tests.console.listening import a_call
from tests.media.admin_pages import sign_in, staff

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
WIDTH = 360


@pytest.fixture
def site() -> Iterator[str]:
    with serving() as base:
        yield base


def on_screen(place: Locator) -> bool:
    box = place.bounding_box()
    return bool(box and box["width"] and box["x"] >= 0 and box["x"] + box["width"] <= WIDTH)


def test_it_shows_every_figure_of_the_coverage(site: str) -> None:
    staff("olga")
    session = a_call()
    with browsing(site, width=WIDTH) as page:
        sign_in(page, "olga", session)
        for name in ("Stored", "Missing", "Coverage"):
            cells = page.locator(f"#session-coverage [data-name={name}]")
            expect(cells).to_have_count(2)
            assert on_screen(cells.first)
            assert on_screen(cells.last)


def test_it_lists_a_session_in_four_lines(site: str) -> None:
    staff("ada")
    session = a_call()
    with browsing(site, width=WIDTH) as page:
        sign_in(page, "ada", session)
        page.goto("/admin/media/streamsession/")
        row = page.locator(".data-row")
        box = row.bounding_box()
        assert box
        assert box["height"] < 200
        for column in ("session", "state_now", "started", "duration", "participants", "coverage"):
            assert on_screen(row.locator(f".field-{column}"))
