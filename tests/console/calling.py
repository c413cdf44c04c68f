"""A call before the browser: an installation with its ACS, for all tests of calls in a browser, and what they read from
pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.calls.doors.stand import EVENTS_KEY, Stand, stand

OFFICE = """
participants:
  "+15550101": {answers: busy}
  "*": {answers: 3s}
"""
PASSWORDS = """
from django.contrib.auth.models import User
for user in User.objects.all():
    user.set_password(f"secret of {user.username}")
    user.save()
"""


@contextmanager
def calling(folder: Path) -> Iterator[Stand]:
    """Olga, Sven, Ada and Otto have passwords; whoever is called answers after three seconds and speaks."""
    with stand(folder, OFFICE, ACS_COGNITIVE_ENDPOINT="https://ai.example") as made:
        made.server.start(seconds=120)
        made.give_tokens()
        assert made.server.manage("shell", "-c", PASSWORDS).returncode == 0
        webhook = f"{made.server.url}/acs/events?key={EVENTS_KEY}"
        assert made.send("POST", f"{made.acs.url}/emulator/subscriptions", {"url": webhook}).status == 200
        yield made
        assert made.server.stop() == 0
        assert "Traceback" not in made.server.output()


def button(where: Page | Locator, name: str) -> Locator:
    """The button called so (its name begins so), not the one that shows the same by API."""
    return where.get_by_role("button", name=re.compile(f"^{re.escape(name)}"))


def call_id_of(page: Page) -> str:
    return page.url.partition("/calls/")[2].partition("/")[0]


def state_of(page: Page, state: str) -> None:
    expect(page.locator("#call-head .state").first).to_have_text(state)


def people_of(office: Stand, correlation_id: str) -> list[str]:
    """Who is in that conversation, as the emulator knows."""
    conversations = office.acs.do(lambda world: list(world.conversations.values()))
    return [person.raw_id for one in conversations if one.correlation_id == correlation_id for person in one.people]
