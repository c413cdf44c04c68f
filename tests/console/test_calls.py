"""Calls in a real browser, before a real server and the emulator: placed from the form, followed, controlled, ended."""

import re
from contextlib import suppress

from playwright.sync_api import Error, Route, expect

from tests.browser import browsing
from tests.calls.doors.stand import Stand
from tests.console.calling import button, call_id_of, people_of, state_of
from tests.console.pages import faults, fits, sign_in


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
        expect(button(page, "Stop streaming")).to_have_count(0)  # what cannot apply is not there
        state_of(page, "connected")
        expect(page.locator("#call-head")).to_contain_text("Announced at 0:0")
        expect(page.locator(".sound")).to_contain_text("ACS streams the sound")
        expect(page.locator("#facts .state-recording")).to_be_visible()
        assert faults(page) == []

        button(page, "Stop streaming").click()
        expect(page.locator(".sound")).to_contain_text("Not recorded: streaming was stopped by olga")
        expect(page.locator("#notice")).to_contain_text("not recorded")
        button(page, "Start streaming").click()
        expect(page.locator(".sound")).to_contain_text("ACS streams the sound")

        # The same by API, beside its button, to be copied by keyboard; it stays while the page is kept current.
        page.get_by_role("button", name="By API: Leave (only this server)").focus()
        page.keyboard.press("Enter")
        line = page.locator(".api-line:popover-open")
        expect(line.locator("pre")).to_contain_text(f"/api/v1/calls/{call_id}/hangup'")
        expect(line.locator("pre")).to_contain_text("""-d '{"for_everyone": false}'""")
        expect(line.get_by_role("button", name="Copy")).to_be_focused()
        assert faults(page) == []
        page.wait_for_timeout(2500)
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="By API: Leave (only this server)")).to_be_focused()
        removing = page.get_by_role("button", name="By API: Remove 8:acs:res_ben")
        expect(removing).to_have_attribute("title", re.compile(r"-X DELETE .*/participants/8:acs:res_ben'"))

        # People: muted, on hold, named; a refusal of ACS in plain words, with its code.
        ben = page.locator("#people tr", has_text="res_ben")
        button(ben, "Mute").click()
        expect(ben).to_contain_text("muted")
        button(ben, "Hold").click()
        expect(ben).to_contain_text("on hold")
        ben.locator("summary").click()
        expect(page.get_by_label("Name of 8:acs:res_ben")).to_be_focused()
        page.keyboard.type("Ben Miller")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Call to +15550100, Ben Miller")).to_be_visible()
        office.fault(rest={"operation": "sendDtmfTones", "status": 500, "times": 0})
        page.locator("#action-keys summary").click()
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

        page.goto("/")
        expect(page.locator(".live-note")).to_have_text("about the bill")
        page.goto(f"/calls/{call_id}/")
        button(page, "Hang up for everybody").click()
        state_of(page, "ended")
        expect(page.locator("#call-head")).to_contain_text("olga hung up.")
        expect(button(page, "Hang up for everybody")).to_have_count(0)
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
        button(page.locator("#leaving"), "Leave the call").click()
        state_of(page, "ended")
        expect(page.locator("#call-head")).to_contain_text("olga took this server out of the call.")
        correlation = office.call(call_id)["correlation_id"]
        assert people_of(office, correlation) == ["4:+15550100", "4:+15550103"]  # they go on talking

        # Of several one goes, and the rest stay and are recorded.
        call = office.connected("+15550100")
        assert office.ask("POST", f"/calls/{call['id']}/participants", {"to": "8:acs:res_gil"}).status == 202
        page.goto(f"/calls/{call['id']}/")
        expect(page.locator("#people")).to_contain_text("8:acs:res_gil")
        page.locator("#action-transfer summary").click()
        expect(page.locator("#transfer-ends")).to_contain_text("the recording of these goes on")
        page.get_by_label("To whom").fill("8:acs:res_ada")
        page.get_by_label("Who goes").select_option("8:acs:res_gil")
        adding, going = page.locator("#action-transfer pre.command").all()
        expect(adding).to_contain_text('{"to":"8:acs:res_ada"}')
        expect(going).to_contain_text('{"to":"8:acs:res_ada","transferee":"8:acs:res_gil"}')
        assert faults(page) == []
        assert fits(page)
        page.get_by_role("button", name="Transfer this one now").click()
        expect(page.locator("#people tr", has_text="res_gil")).not_to_contain_text("in the call")
        state_of(page, "connected")
        expect(page.locator("#transfer-ends")).to_contain_text("the recording ends with it")

        page.goto(f"/calls/{office.connected('+15550102')['id']}/")
        page.locator("#action-transfer summary").click()
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
