"""Ada presses the button of a real server, watches how far it is, and reads what was found."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser import browsing
from tests.console.pages import faults, fits
from tests.faults.installation import Installation

STAFF = """
from django.contrib.auth.models import User
ada = User.objects.get()
ada.is_staff = True
ada.set_password("secret of ada")
ada.save()
"""


def test_it_proves_itself_at_the_press_of_a_button(tmp_path: Path) -> None:
    server = Installation(tmp_path / "var", {"CHUNK_SECONDS": "4"})
    with server, browsing(server.url) as page:
        server.token()  # makes Ada
        assert server.manage("shell", "-c", STAFF).returncode == 0
        page.goto("/admin/login/?next=/admin/")
        page.fill("[name=username]", "ada")
        page.fill("[name=password]", "secret of ada")
        page.press("[name=password]", "Enter")
        expect(page.locator("#dashboard-proof")).to_contain_text("It was not proved yet")
        page.get_by_role("button", name="Prove it").click()
        expect(page.locator("#session-proof")).to_contain_text("A coded tone of each of two people goes to 127.0.0.1")
        page.wait_for_function("document.querySelector('.proof-progress')?.value > 10")
        expect(page.locator("#session-proof h2")).to_contain_text("Proved", timeout=90_000)
        expect(page.locator(".proof-checks .good")).to_have_count(8)
        expect(page.locator(".proof-checks")).to_contain_text("All 80,000 samples are stored as they were sent.")
        expect(page.locator("#session-proof")).to_contain_text("Asked for by ada")
        assert faults(page, "#content-main") == []
        assert fits(page)
        page.goto("/admin/")
        expect(page.locator("#dashboard-proof")).to_contain_text("All as it must be")
        assert server.api("/sessions")["items"] == [], "the proof leaves nothing behind"
        assert "A self-proof begins, asked for by ada." in server.output()
        assert "Traceback" not in server.output()
