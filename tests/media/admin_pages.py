"""People before the admin's pages, through its own form."""

from playwright.sync_api import Page, expect

from media.models import StreamSession
from tests.console.pages import with_password


def staff(name: str) -> None:
    with_password(name, staff=True)


def sign_in(page: Page, name: str, session: StreamSession, lanes: bool = True) -> None:
    """Ends on the session's page."""
    page.goto(f"/admin/login/?next=/admin/media/streamsession/{session.pk}/change/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", f"secret of {name}")
    page.press("[name=password]", "Enter")
    if lanes:
        expect(page.locator(".player-lane canvas").first).to_be_attached()
