"""The frame of every page in a real browser: signing in and out, the way by keyboard, light and dark, tokens."""

import urllib.request

import pytest
from playwright.sync_api import Page, expect

from calls.models import ApiToken
from media.models import AccessEntry
from tests.browser import browsing, in_the_database, serving
from tests.console.pages import faults, fits, sign_in, with_password
from tests.media.rows import a_heard_session, a_lane

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def expect_theme(page: Page, name: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-bs-theme", name)


def answer_to(url: str, token: str) -> int:
    asked = urllib.request.Request(f"{url}/api/v1/sessions", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(asked) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_it_is_one_console_from_signing_in_to_signing_out() -> None:
    with_password("olga")
    session = a_heard_session(label="Support call")
    a_lane(session, "4:+15550100", label="+1 555 0100", stored_ticks=480_000)
    with serving() as site, browsing(site) as page:
        page.goto("/sessions/")
        expect(page).to_have_title("Log in · Call recordings")
        assert not (found := faults(page)), found
        page.fill("[name=username]", "olga")
        page.fill("[name=password]", "wrong")
        page.press("[name=password]", "Enter")
        expect(page.get_by_role("alert")).to_contain_text("do not belong together")
        page.fill("[name=password]", "secret of olga")
        page.press("[name=password]", "Enter")
        expect(page).to_have_url(f"{site}/sessions/")  # where she wanted to go
        page.wait_for_load_state()
        expect(page.get_by_role("link", name="Admin")).to_have_count(0)  # she is no staff

        # By keyboard: the first stop is the way past the navigation; "g b" and the like; "?" says so.
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to the content")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        assert not (found := faults(page)), found
        page.keyboard.press("Escape")
        page.keyboard.press("g")
        page.keyboard.press("b")
        expect(page).to_have_url(f"{site}/")
        expect(page.locator("[aria-current=page]")).to_have_text("Board")
        assert not (found := faults(page)), found
        page.get_by_role("link", name="Support call").click()
        expect(page.get_by_role("heading", name="Support call")).to_be_visible()
        seen = in_the_database(lambda: list(AccessEntry.objects.values_list("username", "via", "action")))
        assert seen == [("olga", "console", "view")]

        # Light and dark: as the system, until it is switched; the choice outlives the page.
        page.reload()
        expect_theme(page, "light")
        page.emulate_media(color_scheme="dark")
        expect_theme(page, "dark")
        page.click("[data-theme-switch]")
        page.reload()
        expect_theme(page, "light")
        page.click("[data-theme-switch]")
        page.emulate_media(color_scheme="light")
        expect_theme(page, "light")  # follows the system again

        for path in ("/", "/sessions/", "/profile/"):
            page.goto(path)
            assert fits(page), path
        page.get_by_role("button", name="Log out").click()
        expect(page).to_have_title("Log in · Call recordings")
        page.goto("/")
        expect(page).to_have_url(f"{site}/login/?next=/")


def test_its_profile_makes_tokens_and_changes_the_password() -> None:
    with_password("olga")
    with serving() as site, browsing(site) as page:
        sign_in(page, "olga", "/profile/")
        page.fill("[name=name]", "nightly export")
        page.select_option("[name=lifetime]", "30")
        page.get_by_role("button", name="Make a token").click()
        token = page.locator("#token").inner_text()
        assert answer_to(site, token) == 200
        assert not (found := faults(page)), found
        page.reload()  # no second token, and the first is shown no more
        expect(page.locator("#token")).to_have_count(0)
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator("tbody")).not_to_contain_text("never")
        assert in_the_database(lambda: ApiToken.objects.get().digest) == ApiToken.digest_of(token)
        page.get_by_role("button", name="Revoke nightly export").click()
        expect(page.get_by_role("status")).to_contain_text("is revoked")
        assert answer_to(site, token) == 401

        for old, new, said in (("wrong", "bananas 17", "incorrectly"), ("secret of olga", "123", "too short")):
            change_password(page, old, new)
            expect(page.get_by_role("alert").first).to_contain_text(said)
        assert not (found := faults(page)), found
        change_password(page, "secret of olga", "bananas 17")
        expect(page.get_by_role("status")).to_contain_text("Your password is changed")
        page.get_by_role("button", name="Log out").click()
        page.fill("[name=username]", "olga")
        page.fill("[name=password]", "bananas 17")
        page.press("[name=password]", "Enter")
        expect(page.get_by_role("heading", name="Newest sessions")).to_be_visible()


def change_password(page: Page, old: str, new: str) -> None:
    page.fill("[name=old_password]", old)
    page.fill("[name=new_password1]", new)
    page.fill("[name=new_password2]", new)
    page.get_by_role("button", name="Change the password").click()
