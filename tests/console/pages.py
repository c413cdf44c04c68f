"""People before the console's pages: sign in through the form, and ask axe-core whether everybody can use a page."""

import json
from functools import cache
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.people import person

ROOT = Path(__file__).resolve().parent.parent.parent
SERIOUS = {"serious", "critical"}
# Colours glide from one scheme to the other; on a busy machine, for a while.
SETTLED = """async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  await wait(50);
  const gliding = document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity);
  await Promise.race([Promise.allSettled(gliding.map((one) => one.finished)), wait(1500)]);
}"""
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"
SWITCH = """scheme => {
    document.documentElement.dataset.bsTheme = scheme;  // the console's
    document.documentElement.classList.toggle("dark", scheme === "dark");  // the admin's
}"""


def with_password(name: str, staff: bool = False) -> None:
    """The person, with the password that `sign_in` uses."""
    user = person(name)
    user.is_staff = staff
    user.set_password(f"secret of {name}")
    user.save()


def sign_in(page: Page, name: str, path: str = "/") -> None:
    """Through the form; ends on `path`."""
    page.goto(f"/login/?next={path}")
    page.fill("[name=username]", name)
    page.fill("[name=password]", f"secret of {name}")
    page.press("[name=password]", "Enter")
    expect(page.locator(".top-user")).to_have_text(name)
    page.wait_for_load_state()  # scripts included: keys are heard from now on


@cache
def _axe() -> str:
    return (ROOT / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def faults(page: Page, part: str = "html") -> list[str]:
    """What axe-core finds serious or worse on the page (or a part of it) as it stands, light and dark."""
    found = []
    for scheme in ("light", "dark"):
        page.evaluate(SWITCH, scheme)
        page.evaluate(SETTLED)
        page.evaluate(_axe() + "\n;undefined")
        result = page.evaluate("part => axe.run(part, {resultTypes: ['violations']})", part)
        found += [
            f"{page.url} {scheme}: {fault['id']}: {json.dumps([node['html'][:160] for node in fault['nodes'][:3]])}"
            for fault in result["violations"]
            if fault["impact"] in SERIOUS
        ]
    return found


def fits(page: Page, width: int = 360) -> bool:
    """Whether nothing sticks out at the side of a telephone."""
    page.set_viewport_size({"width": width, "height": 800})
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


def tab_to(page: Page, name: str) -> None:
    """Moves the focus with the Tab key to what is called so."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")
