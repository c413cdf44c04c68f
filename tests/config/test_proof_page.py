"""Ada presses the button of a real server, watches how far it is, and reads what was found. The server takes nobody
without a JWT of ACS, but for that proof."""

import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from acs_emulator.testing import emulator
from acs_emulator.tokens import JWKS_PATH
from media.ingest.tokens import sign_self_proof, sign_url
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
    with emulator() as acs:
        keys = {"ACS_RESOURCE_ID": acs.world.resource_id, "ACS_JWKS_URL": acs.url + JWKS_PATH}
        server = Installation(tmp_path / "var", {"CHUNK_SECONDS": "4", "MEDIA_SOCKET_AUTH": "jwt", **keys})
        with server, browsing(server.url) as page:
            server.token()  # makes Ada
            nobody_else_gets_in(server)
            proves_itself(server, page)
    assert "Traceback" not in server.output()


def nobody_else_gets_in(server: Installation) -> None:
    """Neither with an address of ours alone, nor with a proof that is another one's."""
    mine, others = (sign_url(uuid.uuid4(), 300) for _ in range(2))

    for bearer in ("", mine, sign_self_proof(others)):
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        with pytest.raises(InvalidStatus) as refused:
            connect(f"{server.ws}/acs/media/{mine}", additional_headers=headers, proxy=None)
        assert refused.value.response.status_code == 401


def proves_itself(server: Installation, page: Page) -> None:
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
    expect(page.locator(".proof-checks .good")).to_have_count(9)
    expect(page.locator(".proof-checks")).to_contain_text("ACS's public keys are there to check it with")
    expect(page.locator(".proof-checks")).to_contain_text("All 80,000 samples are stored as they were sent.")
    expect(page.locator("#session-proof")).to_contain_text("Asked for by ada")
    assert faults(page, "#content-main") == []
    assert fits(page)
    page.goto("/admin/")
    expect(page.locator("#dashboard-proof")).to_contain_text("All as it must be")
    assert server.api("/sessions")["items"] == [], "the proof leaves nothing behind"
    assert "A self-proof begins, asked for by ada." in server.output()
