"""Links to a moment of a session, as people write and follow them."""

from playwright.sync_api import Page, Route, expect

from tests.console.playing import pressed, wait_for_place


def it_goes_where_a_link_leads(page: Page) -> None:
    """However people write a moment; to the beginning or the end where there is no such one, which is said."""
    here = page.url.partition("?")[0]
    said = page.locator("[data-message]")
    for asked, at, words in (
        ("-5", "0:00.0", "“-5” in the address is no moment"),
        ("9:59", "0:30.0", "leads to 9:59.0, but what is stored ends at 0:30.0"),
        ("0m12.5s", "0:12.5", ""),
    ):
        page.goto(f"{here}?t={asked}")
        expect(page.locator("[data-do=toggle]")).to_be_enabled()
        expect(page.locator("[data-now]")).to_have_text(at)
        expect(said).to_contain_text(words)
        expect(said).to_be_visible(visible=bool(words))
    it_starts_there_at_once(page, f"{here}?t=12.5")
    read = "texts => import('media/times.js').then(({ seconds }) => texts.map(seconds))"
    texts = ["30s", "1m5s", "2h", "1:02:03.5", "83.5", "abc", "1e3", "1:-5", "s", ""]
    assert page.evaluate(read, texts) == [30, 65, 7200, 3723.5, 83.5, None, None, None, None, None]


def it_starts_there_at_once(page: Page, address: str) -> None:
    """Who is quick with the space bar hears the moment of the link, and is sent (and on record for) nothing else."""
    asked: list[str] = []
    held: list[Route] = []
    page.on("request", lambda request: asked.append(request.url) if "/audio?" in request.url else None)

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/waveform?*", hold)
    page.goto(address)
    expect(page.locator("[data-do=toggle]")).to_be_enabled()
    pressed(page, " ")
    wait_for_place(page, 12.6)
    for route in held:
        route.continue_()
    page.unroute("**/waveform?*")
    pressed(page, " ")
    assert asked
    assert all("from_ms=10000" in url or "from_ms=20000" in url for url in asked), asked
