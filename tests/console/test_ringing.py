"""Calls that ring on every page, and the board's buttons, in a real browser before a real server and the emulator."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser import browsing
from tests.calls.doors.stand import Stand
from tests.console.calling import button, call_id_of, state_of
from tests.console.pages import faults, fits, sign_in


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
        page.bring_to_front()  # what glides stands still in a page behind another
        bell = page.get_by_role("button", name="Ring aloud")
        bell.click()
        expect(bell).to_have_attribute("aria-pressed", "true")
        ring(office, "+15550123", "Cleo")
        expect(page.locator(".ring")).to_contain_text("Cleo +15550123 calls +15550199")
        answering = page.get_by_role("button", name="By API: Answer Cleo")
        expect(answering).to_have_attribute("title", re.compile(r"/incoming/[0-9a-f-]+/answer' .*-d '\{\}'", re.DOTALL))
        expect(page).to_have_title("☎ Cleo calls +15550199")
        expect(other.locator(".ring")).to_have_count(1)
        assert faults(page) == []

        # Answer, announce and add in one step; what is refused is said, and what was typed stays.
        page.locator(".ring summary", has_text="Answer with").click()
        expect(page.get_by_label("Announcement before recording")).to_be_focused()
        page.keyboard.type("This call is recorded.")
        page.get_by_label("Then add").fill("0170")
        expect(page.locator(".ring form pre").first).to_contain_text('"then_add":["0170"]')
        page.keyboard.press("Enter")
        expect(page.locator("#incoming-told")).to_contain_text("write + and the country code")
        page.get_by_label("Then add").fill("8:acs:res_ada")
        page.locator(".ring summary", has_text="More").click()
        page.get_by_label("Rate").select_option("24 kHz")
        expect(page.locator(".ring form pre").first).to_contain_text('"sample_rate":24000')
        page.wait_for_timeout(2500)  # asked again meanwhile
        expect(page.get_by_label("Rate")).to_have_value("24000")
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
        assert office.call(call_id_of(page))["sample_rate"] == 24_000
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
        expect(button(page, "Answer +15550126")).to_be_visible()
        taken = office.ask("POST", f"/incoming/{incoming_of(office, '+15550126')['id']}/answer", {}, who="sven")
        assert taken.status == 202
        expect(page.locator(".ring")).to_have_count(0)
        ring(office, "+15550127")
        button(page, "Answer +15550127").click()
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
        expect(buttons.filter(visible=True)).to_have_count(3)  # to hear it, to hang up, and that by API
        expect(session.locator("[data-part=state]")).to_have_text("recording")
        button(session, "Stop streaming: Call to +15550107").click()
        expect(page.locator("#notice")).to_contain_text("not recorded")
        expect(session).to_contain_text("Not recorded: streaming was stopped by olga")
        expect(session.locator("[data-part=reason]")).to_have_text("Streaming was stopped by olga.")
        expect(session.locator("[data-part=reason]")).to_be_hidden()  # once is enough
        assert faults(page) == []
        assert fits(page)
        button(session, "Start streaming: Call to +15550107").focus()
        page.keyboard.press("Enter")
        expect(session).not_to_contain_text("Not recorded")
        expect(button(session, "Stop streaming: Call to +15550107")).to_be_visible()
        session.locator("[data-part=name]").focus()
        page.keyboard.press("h")
        expect(page.locator(".ear-lane")).to_contain_text("+15550107")
        session.locator("[aria-label='What can be done with +15550107']").click()
        expect(button(session, "Off hold: +15550107")).to_be_hidden()
        button(session, "Hold: +15550107").click()
        expect(page.locator("#notice")).to_contain_text("ACS is asked to put on hold.")
        expect(page.locator(".ear-quiet")).to_have_text("on hold")
        expect(session.locator(".live-spoke")).to_have_text("on hold")
        assert faults(page) == []
        assert fits(page)
        expect(session.get_by_role("button", name="By API: Off hold: +15550107")).to_have_attribute(
            "title", re.compile(rf"/calls/{call_id}/participants/4:\+15550107/unhold")
        )
        button(session, "Off hold: +15550107").click()
        expect(page.locator(".ear-quiet")).to_be_hidden()
        button(session, "Mute: +15550107").click()
        expect(session.locator(".live-spoke")).to_have_text("muted")
        expect(button(session, "Mute: +15550107")).to_be_hidden()  # ACS knows no way back
        sentence = page.locator(".ear [data-part=sentence]")
        expect(sentence).to_contain_text("Listening silently")
        button(session, "Stop streaming: Call to +15550107").click()
        expect(sentence).to_have_text("Not recorded: streaming was stopped by olga.")
        session.get_by_role("button", name="By API: Hang up: Call to +15550107").focus()
        page.keyboard.press("Enter")
        line = page.locator(".api-line:popover-open")
        expect(line.locator("pre")).to_have_text(
            re.compile(rf"^curl -X POST '{office.server.url}/api/v1/calls/{call_id}/hangup' ")
        )
        expect(page.get_by_role("button", name="By API: Place a call")).to_have_attribute(
            "title", re.compile("/api/v1/calls'")
        )
        assert faults(page) == []
        page.keyboard.press("Escape")
        button(session, "Hang up: Call to +15550107").click()
        expect(session).to_have_count(0)
        expect(sentence).to_contain_text("This session has ended: olga hung up.")
        expect(page.locator("#history")).to_contain_text("+15550107")
        assert office.call(call_id)["end_reason"] == "olga hung up."
