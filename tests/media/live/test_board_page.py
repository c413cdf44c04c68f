"""The board in a real browser: what runs appears, shows who speaks, says when it is not current, and slides into the
history when it ends."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser import browsing
from tests.console.pages import faults, fits
from tests.media.live.conftest import Installation
from tests.media.live.playing import noise, playing

ADA, BEN = "4:+15550100001", "4:+15550100002"
MINUTE = 60_000


def test_it_follows_a_call_from_its_first_word_into_the_history(installation: Installation) -> None:
    url, session_id = installation.stream()
    with browsing(installation.eyes.url, session=installation.cookies["olga"], expected="WebSocket") as page:
        page.goto("/")
        expect(page.locator("[data-current]")).to_have_text("current")
        expect(page.get_by_text("Nothing is running.")).to_be_visible()
        with playing(url, {ADA: noise(60), BEN: bytes(32_000 * 60)}) as hung_up:
            row = page.locator(f"#live-{session_id}")
            expect(row.locator("[data-part=state]")).to_have_text("recording")
            lanes = row.locator(".live-lane")
            expect(lanes.nth(0)).to_contain_text("+15550100001")
            expect(lanes.nth(0)).to_contain_text("speaking")
            expect(lanes.nth(1)).to_contain_text("not yet heard")
            expect(page.locator("[data-summary]")).to_have_text("1 running")
            assert bars(page, session_id) == [True, False]
            expect(page.locator("#history")).not_to_contain_text(str(session_id)[:8])
            assert faults(page) == []
            assert fits(page)

            # Redis stops: what comes from the database is current, and the page says what is not; then all is again.
            installation.layer.stop()
            expect(page.locator("[data-current]")).to_contain_text(
                "levels and sound of calls at other server processes are not current"
            )
            expect(row.locator("[data-part=state]")).to_have_text("recording")
            installation.layer.start()
            expect(page.locator("[data-current]")).to_have_text("current")
            expect(lanes.nth(0)).to_contain_text("speaking")

            # The server that the page looks at stops; the other goes on recording.
            installation.eyes.stop()
            expect(page.locator("[data-current]")).to_contain_text(re.compile(r"^Not current since \d\d:\d\d:\d\d\."))
            expect(page.locator(".board")).to_have_class(re.compile("stale"))
            installation.eyes.start()
            expect(page.locator("[data-current]")).to_have_text("current")
            expect(lanes.nth(0)).to_contain_text("speaking")
            expect(lanes.nth(1)).to_contain_text("spoke")  # at least so long ago as its sound is stored

            page.keyboard.press("j")
            expect(row.locator("[data-part=name]")).to_be_focused()
            hung_up.set()
            expect(row).to_have_count(0)
            expect(page.locator("#history")).to_contain_text(str(session_id)[:8])


RINGING = """
from datetime import timedelta
from django.utils import timezone
from calls.models import Call, IncomingCall
call = Call.objects.create(direction="outbound", to=["+15550177"], from_id="+15550199", state="ringing")
now = timezone.now()
incoming = IncomingCall.objects.create(event_id=str(call.pk), from_raw_id="4:+15550123", to_raw_id="4:+15550199",
    display_name="Ada", context="secret", expires_at=now + timedelta(minutes=5))
"""
OVER = """
from django.utils import timezone
from calls.models import Call, IncomingCall
Call.objects.filter(state="ringing").update(state="ended", ended_at=timezone.now())
IncomingCall.objects.update(state="gone")
"""


def test_it_shows_calls_that_ring_to_those_who_may_see_calls(installation: Installation) -> None:
    with browsing(installation.eyes.url, session=installation.cookies["olga"]) as page:
        page.goto("/")
        expect(page.locator("[data-current]")).to_have_text("current")
        assert installation.ears.manage("shell", "-c", RINGING).returncode == 0
        expect(page.locator("[data-incoming]")).to_contain_text("Ada calls +15550199")
        expect(page.locator("li[data-call]")).to_contain_text("Call to +15550177")
        expect(page.locator("li[data-call]")).to_contain_text("nobody has answered yet")
        assert "secret" not in page.evaluate("JSON.stringify([...board.feed.incoming.values()])")
        assert faults(page) == []
        page.context.add_cookies(
            [{"name": "sessionid", "value": installation.cookies["ivy"], "url": installation.eyes.url}]
        )
        with page.context.new_page() as hers:  # she may see recordings and no calls
            hers.goto("/")
            expect(hers.locator("[data-current]")).to_have_text("current")
            expect(hers.locator(".board-call")).to_have_count(0)
            assert installation.ears.manage("shell", "-c", OVER).returncode == 0
            expect(page.locator(".board-call")).to_have_count(0)
            expect(hers.locator("[data-current]")).to_have_text("current")  # no hole where calls were left out


def bars(page: Page, session_id: object) -> list[bool]:
    """Whether each strip has a bar of more than a pixel."""
    script = """id => [...document.querySelectorAll(`#live-${id} canvas`)].map(canvas => {
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height - 2);
        return data.some(value => value > 0); })"""
    found: list[bool] = page.evaluate(script, str(session_id))
    return found


def test_it_lets_trouble_rise_and_nobody_hear_who_may_not(installation: Installation) -> None:
    with browsing(installation.eyes.url, session=installation.cookies["ivy"]) as page:
        page.goto("/")
        expect(page.locator("[data-current]")).to_have_text("current")
        expect(page.locator("[data-wall]")).to_have_count(0)
        assert "Hear" not in page.content()
        people = [{"label": "Ada"}, {"label": "Ben"}]

        def said(spoke: list[int | None], call: dict[str, str] | None = None, **more: Any) -> tuple[int, str]:
            session = {"state": "recording", "channels": "unmixed", "participants": people, "spoke": spoke, **more}
            script = """async ([session, call]) => {
                const {trouble} = await import("/static/console/live/trouble.js");
                const now = Date.parse("2026-03-01T12:05:00Z");
                return trouble({started_at: "2026-03-01T12:00:00Z", ...session}, now, call); }"""
            found = page.evaluate(script, [session, call])
            return found["rank"], found["words"]

        now = 1_772_366_700_000  # 12:05
        assert said([now - 500, now - 20_000]) == (0, "")
        assert said([now - 31_000, now - 45_000]) == (2, "silent for 31 s")
        assert said([None, None]) == (2, "silent for 5 min")
        assert said([now - 500, now - 2 * MINUTE]) == (1, "one-sided: Ben silent")
        held = [people[0], {**people[1], "quiet": "on hold"}]
        assert said([now - 500, now - 2 * MINUTE], participants=held) == (0, "")
        assert said([now - 31_000, None], participants=held) == (1, "silent for 31 s: Ben on hold")
        assert said([now], participants=people[:1]) == (1, "one-sided: only one participant")
        assert said([now], participants=people[:1], channels="mixed") == (0, "")
        assert said([now], state="no_audio", since="2026-03-01T12:04:15Z") == (3, "no audio for 45 s")
        assert said([], state="waiting", participants=[]) == (-1, ""), "a media URL that nobody has used"
        assert said([], {"state": "connected"}, state="waiting", participants=[]) == (2, "no audio yet")
        assert said([now], state="waiting") == (0, ""), "who is heard is not waited for"

        rows = page.evaluate("""() => {
            const start = seconds => new Date(board.feed.now() - seconds * 1000).toISOString();
            const states = {"-1": "waiting", 3: "no_audio"};
            const one = (id, rank) => ({id, n: id, name: id, state: states[rank] ?? "recording", reason: "",
                started_at: start(50), since: start(50), channels: "mixed", call: null,
                participants: rank < 0 ? [] : [{label: "x"}], spoke: rank < 0 ? [] : [rank ? null : board.feed.now()]});
            board.feed.sessions.clear();
            for (const [id, rank] of [["unused", -1], ["fine", 0], ["silent", 2], ["failing", 3]]) {
                board.feed.sessions.set(id, {...one(id, rank), figures: [127], speaking: [false]});
            }
            board.feed.dispatchEvent(new Event("sessions"));
            return [...document.querySelectorAll("[data-running] [data-part=name]")].map(x => x.textContent); }""")
        assert rows == ["failing", "silent", "fine", "unused"], json.dumps(rows)
        expect(page.locator("[data-summary]")).to_have_text("3 running · 1 without audio · 1 silent")
        expect(page.locator("[data-waiting]")).to_have_text("1 waiting")
        unused = page.locator(".live-row", has_text="unused")
        expect(unused).to_be_visible()
        page.evaluate("board.feed.sessions.get('unused').started_at = '2026-03-01T12:00:00Z'")
        expect(unused).to_be_hidden()
        page.get_by_role("link", name="1 waiting").click()
        expect(page).to_have_url(re.compile(r"/sessions/\?state=waiting$"))


def test_it_stays_responsive_with_200_sessions(installation: Installation) -> None:
    with browsing(installation.eyes.url, session=installation.cookies["olga"]) as page:
        page.goto("/")
        expect(page.locator("[data-current]")).to_have_text("current")
        ran = page.evaluate(Path(__file__).with_name("crowd.js").read_text(encoding="utf-8"))
        assert ran["rows"] == 200
        assert ran["gap"] < 200, ran  # about 17 where nothing else runs
        page.keyboard.press("j")
        expect(page.locator(":focus")).to_contain_text("call ")
