"""The admin's own pages in a real browser: no error, fit for a telephone, and everybody can use them."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from calls.models import AnswerRule, Person, Prompt
from calls.services import naming
from media.models import Alarm
from media.monitoring import heartbeat
from tests.browser import browsing, in_the_database, serving
from tests.calls.rows import a_call, a_told_call
from tests.console.pages import faults, fits, with_password
from tests.media.rows import a_session

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def a_sound(path: Path) -> Path:
    content = io.BytesIO()
    soundfile.write(content, 0.3 * np.sin(np.arange(24_000) / 8_000 * 440 * 2 * np.pi), 8_000, format="OGG")
    path.write_bytes(content.getvalue())
    return path


def sign_in(page: Page) -> None:
    page.goto("/admin/login/?next=/admin/")
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", "secret of ada")
    page.press("[name=password]", "Enter")


def test_it_is_administered_with_mouse_and_telephone(tmp_path: Path) -> None:
    cache.clear()
    with_password("ada", staff=True)
    call = a_told_call()
    a_call(state="failed", end_reason="Nobody answered.")
    a_session(live=True, state="recording")
    naming.name("+15550101", "Rita", None)
    heartbeat.write("spool-1", [], {"archive_lag": 3.0, "sockets": 1, "most_streams": 500})
    book = tmp_path / "book.csv"
    book.write_text("+15550101;Rita Recorder\n+15550102;Nina\n0301;Otto\n", encoding="utf-8")
    with serving() as site, browsing(site) as page:
        sign_in(page)
        expect(page.locator("#dashboard-now")).to_contain_text("1 recording")
        expect(page.locator("#dashboard-failures")).to_contain_text("Nobody answered. 1")
        assert faults(page, "#dashboard") == []
        in_the_database(lambda: a_session(live=True, state="recording"))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as when one comes back to the page
        expect(page.locator("#dashboard-now")).to_contain_text("2 recording")
        assert fits(page)

        page.set_viewport_size({"width": 1280, "height": 900})
        page.get_by_role("link", name="Console", exact=True).click()
        expect(page).to_have_url(f"{site}/")
        page.goto(f"/admin/calls/call/{call.pk}/change/")
        page.get_by_text("As ACS sent it").click()
        expect(page.locator(".happened pre")).to_contain_text("callConnectionId")
        assert faults(page, "#content-main") == []
        assert fits(page)
        page.get_by_role("link", name="name", exact=True).first.click()
        expect(page.locator("[name=raw_id]")).to_have_value("4:+15550100")

        trouble = "the mail server has a certificate that is not trusted. " * 3
        now = timezone.now()
        since = {"seen_since": now, "seen_at": now, "opened_at": now, "reached": ["open a mailbox"]}
        text = "The disk of the spool is full in about 3 hours."
        in_the_database(lambda: Alarm.objects.create(kind="disk", text=text, trouble=trouble, **since))
        page.set_viewport_size({"width": 360, "height": 780})
        page.goto("/admin/media/alarm/")
        assert page.locator("td.field-trouble").evaluate("cell => cell.scrollHeight <= cell.clientHeight + 1")
        assert fits(page)
        page.goto("/admin/")
        expect(page.locator("#dashboard-alarms li")).to_contain_text("not everybody told yet: the mail server")
        alarm = page.locator("#dashboard-alarms li a").bounding_box()
        assert alarm
        assert alarm["width"] > 200, "why nobody was told leaves the alarm its room"

        page.goto("/admin/calls/person/")
        assert fits(page)
        page.get_by_role("link", name="Import a CSV file").click()
        page.set_input_files("[name=file]", book)
        page.get_by_role("button", name="Show what would change").click()
        expect(page.locator("#content-main")).to_contain_text("Line 3: 0301: write + and the country code")
        assert faults(page, "#content-main") == []
        assert fits(page)
        page.get_by_role("button", name="Do it").click()
        expect(page.locator("body")).to_contain_text("1 new in the address book, 1 called otherwise.")
        names = in_the_database(lambda: dict(Person.objects.values_list("raw_id", "name")))
        assert names == {"4:+15550101": "Rita Recorder", "4:+15550102": "Nina"}

        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto("/admin/calls/prompt/add/")
        page.set_input_files("[name=file]", a_sound(tmp_path / "greeting.ogg"))
        page.get_by_role("button", name="Save", exact=True).click()
        prompt = in_the_database(Prompt.objects.get)
        page.goto(f"/admin/calls/prompt/{prompt.pk}/change/")
        page.evaluate("document.querySelector('audio').load()")
        page.evaluate("document.querySelector('audio').preload = 'auto'")
        page.wait_for_function("document.querySelector('audio').duration === 3")
        assert fits(page)

        page.goto("/admin/calls/answerrule/add/")
        page.fill("[name=called]", "+15550199")
        assert page.locator("#sounds option").get_attribute("value") == "greeting"
        page.fill("[name=announce]", "greeting")
        page.fill("[name=then_add]", "+15550101\n8:acs:r_olga")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("body")).to_contain_text("+15550101, 8:acs:r_olga")
        assert in_the_database(AnswerRule.objects.get).then_add == ["4:+15550101", "8:acs:r_olga"]
