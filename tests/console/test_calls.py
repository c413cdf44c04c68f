"""Calls in a real browser, before a real server and the emulator: placed from the form, followed, controlled, ended."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser import browsing
from tests.calls.doors.stand import EVENTS_KEY, Stand, stand
from tests.console.pages import faults, fits, sign_in

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


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("office"), OFFICE, ACS_COGNITIVE_ENDPOINT="https://ai.example") as made:
        made.server.start(seconds=120)
        made.give_tokens()
        assert made.server.manage("shell", "-c", PASSWORDS).returncode == 0
        webhook = f"{made.server.url}/acs/events?key={EVENTS_KEY}"
        assert made.send("POST", f"{made.acs.url}/emulator/subscriptions", {"url": webhook}).status == 200
        yield made
        assert made.server.stop() == 0
        assert "Traceback" not in made.server.output()


def call_id_of(page: Page) -> str:
    return page.url.partition("/calls/")[2].partition("/")[0]


def state_of(page: Page, state: str) -> None:
    expect(page.locator("#call-head .state").first).to_have_text(state)


def people_of(office: Stand, correlation_id: str) -> list[str]:
    """Who is in that conversation, as the emulator knows."""
    conversations = office.acs.do(lambda world: list(world.conversations.values()))
    return [person.raw_id for one in conversations if one.correlation_id == correlation_id for person in one.people]


def test_it_places_a_call_and_stays_with_it_to_its_end(office: Stand) -> None:
    with browsing(office.server.url) as page:
        sign_in(page, "olga", "/calls/")
        page.keyboard.press("n")
        expect(page.get_by_label("Whom to call")).to_be_focused()
        page.keyboard.type("0170 12, 8:acs:res_ben")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Call", exact=True).click()
        expect(page.locator("#to-fault")).to_contain_text("write + and the country code")
        expect(page.get_by_label("Whom to call")).to_have_value("0170 12, 8:acs:res_ben")
        assert faults(page) == []
        page.get_by_label("Whom to call").fill("+15550100, 8:acs:res_ben")
        page.get_by_label("Announcement before recording").fill("This call is recorded.")
        page.get_by_label("receive the keys").check()
        command = page.locator("pre.command")
        expect(command).to_contain_text('"to":["+15550100","8:acs:res_ben"]')
        expect(command).to_contain_text('"announce":"This call is recorded.","dtmf":true}')
        page.get_by_label("Note").fill("about the bill")
        page.keyboard.press("Enter")

        # Its page follows it by itself.
        state_of(page, "ringing")
        expect(page.locator(".pending")).to_contain_text("nobody has answered yet")
        call_id = call_id_of(page)
        expect(page.get_by_role("button", name="Stop streaming")).to_have_count(0)  # what cannot apply is not there
        state_of(page, "connected")
        expect(page.locator("#call-head")).to_contain_text("Announced at 0:0")
        expect(page.locator(".sound")).to_contain_text("ACS streams the sound")
        expect(page.locator("#facts .state-recording")).to_be_visible()
        assert faults(page) == []

        page.get_by_role("button", name="Stop streaming").click()
        expect(page.locator(".sound")).to_contain_text("Not recorded: streaming was stopped by olga")
        expect(page.locator("#notice")).to_contain_text("not recorded")
        page.get_by_role("button", name="Start streaming").click()
        expect(page.locator(".sound")).to_contain_text("ACS streams the sound")

        # People: muted, on hold, named; a refusal of ACS in plain words, with its code.
        ben = page.locator("#people tr", has_text="res_ben")
        ben.get_by_role("button", name="Mute").click()
        expect(ben).to_contain_text("muted")
        ben.get_by_role("button", name="Hold").click()
        expect(ben).to_contain_text("on hold")
        ben.locator("summary").click()
        expect(page.get_by_label("Name of 8:acs:res_ben")).to_be_focused()
        page.keyboard.type("Ben Miller")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Call to +15550100, Ben Miller")).to_be_visible()
        office.fault(rest={"operation": "sendDtmfTones", "status": 500, "times": 0})
        page.locator("#deed-keys summary").click()
        page.get_by_label("Keys to press").fill("1x")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#fault-keys")).to_contain_text("Keys are 0–9")
        page.get_by_label("Keys to press").fill("12#")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#fault-keys")).to_contain_text("ACS failed")
        expect(page.locator("#notice code")).to_contain_text("500")
        page.wait_for_timeout(2500)  # asked again meanwhile: what was said stays, and what was typed
        expect(page.locator("#fault-keys")).to_contain_text("ACS failed")
        expect(page.get_by_label("Keys to press")).to_have_value("12#")
        office.no_faults()
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#fault-keys")).to_have_text("")
        office.acs.wait_for("request", operation="sendDtmfTones", status=202)
        assert faults(page) == []
        assert fits(page)

        page.get_by_role("button", name="Hang up for everybody").click()
        state_of(page, "ended")
        expect(page.locator("#call-head")).to_contain_text("olga hung up.")
        expect(page.get_by_role("button", name="Hang up for everybody")).to_have_count(0)
        expect(page.locator("#events")).to_contain_text("ringing → connected")
        moved = [(one["old_state"], one["new_state"]) for one in office.events(call_id)]
        assert ("connected", "disconnecting") in moved
        page.goto("/calls/?q=bill")
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator("tbody")).to_contain_text("Ben Miller")
        assert faults(page) == []
        assert fits(page)


def test_a_transfer_says_what_it_ends_and_offers_to_add_and_leave(office: Stand) -> None:
    with browsing(office.server.url, scheme="dark") as page:
        sign_in(page, "olga", f"/calls/{office.connected('+15550100')['id']}/")
        expect(page.locator(".sound")).to_contain_text("ACS streams the sound")
        page.keyboard.press("t")
        expect(page.locator("#transfer-ends")).to_contain_text("the recording ends with it")
        expect(page.get_by_label("To whom")).to_be_focused()
        page.keyboard.type("+15550101")  # who is busy
        page.keyboard.press("Enter")  # what it offers first is what keeps the recording
        expect(page.locator("#leaving")).to_contain_text("does not join")
        page.keyboard.press("t")
        page.get_by_label("To whom").fill("+15550103")
        looks: list[Route] = []
        page.route("**/live/**", lambda look: looks.append(look))  # noqa: PLW0108  (a method of a list cannot be wrapped)
        page.wait_for_event("request", lambda asked: "/live/" in asked.url)
        page.keyboard.press("Enter")
        expect(page.locator("#leaving")).to_contain_text("Waiting for +15550103")
        for look in looks:  # one that is older than the answer changes nothing
            with suppress(Error):
                look.continue_()
        page.unroute("**/live/**")
        expect(page.locator("#people")).to_contain_text("asked to join")
        expect(page.locator("#leaving")).to_contain_text("+15550103 has joined")
        assert faults(page) == []
        assert fits(page)
        call_id = call_id_of(page)
        page.locator("#leaving").get_by_role("button", name="Leave the call").click()
        state_of(page, "ended")
        expect(page.locator("#call-head")).to_contain_text("olga took this server out of the call.")
        correlation = office.call(call_id)["correlation_id"]
        assert people_of(office, correlation) == ["4:+15550100", "4:+15550103"]  # they go on talking

        page.goto(f"/calls/{office.connected('+15550102')['id']}/")
        page.locator("#deed-transfer summary").click()
        page.get_by_label("To whom").fill("8:acs:res_ada")
        page.get_by_role("button", name="Transfer now").click()
        state_of(page, "ended")
        expect(page.locator("#call-head")).to_contain_text("Transferred to 8:acs:res_ada")


def test_a_call_that_nobody_takes_says_why_and_is_placed_again(office: Stand) -> None:
    with browsing(office.server.url) as page:
        sign_in(page, "olga", "/calls/new/?to=%2B15550101")
        page.get_by_label("one mix").check()
        page.get_by_label("From", exact=True).fill("+15550198")
        page.get_by_role("button", name="Call", exact=True).click()
        state_of(page, "failed")
        reason = page.locator("#call-head b").first.inner_text()
        assert len(reason) > 10
        page.get_by_role("link", name="Call again").click()
        expect(page.get_by_label("Whom to call")).to_have_value("+15550101")
        expect(page.get_by_label("one mix")).to_be_checked()
        page.get_by_role("link", name="Join a call").click()
        page.get_by_label("Id", exact=True).fill("29228d3e-040e-4656-a70e-890ab4e173e5")
        expect(page.locator("pre.command")).to_contain_text('{"group_call_id":"29228d3e-040e-4656-a70e-890ab4e173e5"}')
        assert faults(page) == []
        assert fits(page)
        page.get_by_role("button", name="Join").click()
        state_of(page, "connected")


def ring(office: Stand, caller: str, name: str = "") -> None:
    told = {"caller": caller, "called": "+15550199", "name": name}
    assert office.send("POST", f"{office.acs.url}/emulator/incoming", told).status == 200


def incoming_of(office: Stand, caller: str) -> dict[str, Any]:
    """The newest call that came in from there."""
    items = office.ask("GET", "/incoming").body["items"]
    return next(item for item in items if item["from"] == caller)


def test_calls_that_come_in_ring_on_every_page_until_somebody_decides(office: Stand) -> None:
    with browsing(office.server.url) as page:
        sign_in(page, "olga", "/profile/")
        other = page.context.new_page()
        other.goto("/sessions/")
        bell = page.get_by_role("button", name="Ring aloud")
        bell.click()
        expect(bell).to_have_attribute("aria-pressed", "true")
        ring(office, "+15550123", "Cleo")
        expect(page.locator(".ring")).to_contain_text("Cleo +15550123 calls +15550199")
        expect(page).to_have_title("☎ Cleo calls +15550199")
        expect(other.locator(".ring")).to_have_count(1)
        assert faults(page) == []

        # Answer, announce and add in one step; what is refused is said, and what was typed stays.
        page.locator(".ring summary", has_text="Answer with").click()
        expect(page.get_by_label("Announcement before recording")).to_be_focused()
        page.keyboard.type("This call is recorded.")
        page.get_by_label("Then add").fill("0170")
        expect(page.locator(".ring pre").first).to_contain_text('"then_add":["0170"]')
        page.keyboard.press("Enter")
        expect(page.locator("#incoming-told")).to_contain_text("write + and the country code")
        page.get_by_label("Then add").fill("8:acs:res_ada")
        page.wait_for_timeout(2500)  # asked again meanwhile
        expect(page.get_by_label("Announcement before recording")).to_have_value("This call is recorded.")
        assert faults(page) == []
        assert fits(page)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.get_by_label("Then add").press("Enter")
        page.wait_for_url("**/calls/*-*/")
        expect(other.locator(".ring")).to_have_count(0)  # answered elsewhere
        expect(page.get_by_role("heading", name="Call from Cleo")).to_be_visible()
        expect(page.locator("#call-head")).to_contain_text("Announced at 0:0")
        expect(page.locator("#people tr", has_text="res_ada")).to_contain_text("in the call")
        expect(page.locator(".ring")).to_have_count(0)  # ada's telephone rang: a leg of our own call
        kinds = office.kinds(call_id_of(page))
        assert kinds.index("PlayCompleted") < kinds.index("add_asked")
        expect(page.locator(".sound")).to_contain_text("ACS streams the sound")

        page.goto("/calls/new/")
        ring(office, "+15550124")
        page.locator(".ring summary", has_text="Reject").click()
        page.get_by_role("button", name="Reject the call").click()
        expect(page.locator("#incoming-told")).to_contain_text("Rejected.")
        expect(page.locator(".ring")).to_have_count(0)
        found = incoming_of(office, "+15550124")
        assert (found["state"], found["reason"], found["decided_by"]) == ("rejected", "busy", "olga")

        page.goto("/")  # the board is told at once
        ring(office, "+15550125")
        page.locator(".ring summary", has_text="Redirect").click()
        page.get_by_label("Call whom instead").fill("8:acs:res_ben")
        page.keyboard.press("Enter")
        expect(page.locator("#incoming-told")).to_contain_text("Redirected to 8:acs:res_ben")
        office.until(lambda: incoming_of(office, "+15550125")["to"] == "8:acs:res_ben", "it rings there")
        assert incoming_of(office, "+15550125")["state"] == "own"  # and here no more
        expect(page.locator(".ring")).to_have_count(0)

        ring(office, "+15550126")
        expect(page.get_by_role("button", name="Answer +15550126")).to_be_visible()
        taken = office.ask("POST", f"/incoming/{incoming_of(office, '+15550126')['id']}/answer", {}, who="sven")
        assert taken.status == 202
        expect(page.locator(".ring")).to_have_count(0)
        ring(office, "+15550127")
        page.get_by_role("button", name="Answer +15550127").click()
        page.wait_for_url("**/calls/*-*/")
        state_of(page, "connected")
        said = office.server.output()
        assert "/calls/incoming/ 200" not in said  # what is asked every two seconds fills no log
        assert "/live/ 200" not in said


def test_the_board_has_the_buttons_of_its_calls(office: Stand) -> None:
    with browsing(office.server.url, expected="WebSocket") as page:
        sign_in(page, "olga", "/")
        expect(page.locator("[data-current]")).to_have_text("current")
        page.keyboard.press("n")
        page.get_by_label("Whom to call").fill("+15550107")
        page.get_by_role("button", name="Call", exact=True).click()
        page.wait_for_url("**/calls/*-*/")
        call_id = call_id_of(page)
        page.goto("/")
        session = page.locator(".live-row", has_text="Call to +15550107")
        expect(session).to_contain_text("nobody has answered yet")
        buttons = session.get_by_role("button", name="Call to +15550107")
        expect(buttons.filter(visible=True)).to_have_count(2)  # to hear it, and to hang up
        expect(session.locator("[data-part=state]")).to_have_text("recording")
        session.get_by_role("button", name="Stop streaming: Call to +15550107").click()
        expect(page.locator("#notice")).to_contain_text("not recorded")
        expect(session).to_contain_text("Not recorded: streaming was stopped by olga")
        assert faults(page) == []
        assert fits(page)
        session.get_by_role("button", name="Start streaming: Call to +15550107").focus()
        page.keyboard.press("Enter")
        expect(session).not_to_contain_text("Not recorded")
        expect(session.get_by_role("button", name="Stop streaming: Call to +15550107")).to_be_visible()
        session.get_by_role("button", name="Hang up: Call to +15550107").click()
        expect(session).to_have_count(0)
        expect(page.locator("#history")).to_contain_text("+15550107")
        assert office.call(call_id)["end_reason"] == "olga hung up."
