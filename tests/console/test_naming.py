"""A lane is named on a session's page, and called so in all calls."""

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import expect

from calls import event_loop
from calls.models import Person
from media.models import Participant
from tests.browser import browsing, in_the_database, serving
from tests.console.pages import faults, fits, sign_in, with_password
from tests.media.rows import a_heard_session, a_lane
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_it_names_a_lane_where_one_sees_it() -> None:
    with_password("otto")
    for right in ("view_streamsession", "change_person"):  # and no player, so no sound is needed
        person("otto").user_permissions.add(Permission.objects.get(codename=right))
    session, other = a_heard_session(label="Support call"), a_heard_session(label="Another day")
    a_lane(session, "4:+15550100", stored_ticks=480_000)
    a_lane(session, "4:anonymous", 20, stored_ticks=480_000)
    a_lane(other, "4:+15550100_7")
    with serving() as site, browsing(site, expected="422") as page:
        sign_in(page, "otto", f"/sessions/{session.pk}/")
        page.get_by_role("button", name="Name +15550100").click()
        expect(page.get_by_label("Who is 4:+15550100?")).to_be_focused()
        assert faults(page) == []
        page.keyboard.type("Rita Recorder")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page.locator("#session-coverage .chip.lane-0")).to_have_text("Rita Recorder")
        labels = in_the_database(lambda: list(Participant.objects.filter(kind="phone").values_list("label", flat=True)))
        assert sorted(labels) == ["", "Rita Recorder", "Rita Recorder"]

        page.get_by_role("button", name="Name withheld number").click()
        page.keyboard.type("Rita")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").last).to_contain_text("the next who withholds theirs is somebody else")
        assert fits(page)
        page.keyboard.press("Escape")
        page.reload()
        expect(page.locator("#session-coverage .chip.lane-0")).to_have_text("Rita Recorder")
        assert in_the_database(lambda: Person.objects.get().name) == "Rita Recorder"
    event_loop.close()
