"""The admin's pages of the access log and of media URLs: to read only."""

from datetime import timedelta

import pytest
from django.utils import timezone

from media.models import AccessEntry, MediaUrl
from tests.media.rows import a_session
from tests.people import person, signed_in_staff

pytestmark = pytest.mark.django_db
LOG = "/admin/media/accessentry/"


def an_entry(name: str, action: str = "replay", **fields: object) -> AccessEntry:
    return AccessEntry.objects.create(session_id=a_session().pk, username=name, via="console", action=action, **fields)


def test_it_says_who_heard_which_part_of_what() -> None:
    entry = an_entry("olga", from_ms=83_500, to_ms=90_000)
    page = signed_in_staff("sven").get(LOG).text
    assert "1:23.5 – 1:30.0" in page
    assert f"/admin/media/streamsession/{entry.session_id}/change/" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [("?user=olga", {"olga"}), ("?action__exact=download", {"sven"}), ("?q=olg", {"olga"}), ("?q=nobody", set())],
)
def test_it_answers_by_user_action_and_words(query: str, found: set[str]) -> None:
    person("olga")
    an_entry("olga")
    an_entry("sven", "download")
    page = signed_in_staff("sven").get(LOG + query).context["cl"].result_list
    assert {entry.username for entry in page} == found


def test_it_finds_the_entries_of_a_session() -> None:
    entry, _ = an_entry("olga"), an_entry("sven")
    page = signed_in_staff("sven").get(f"{LOG}?q={entry.session_id}").context["cl"].result_list
    assert [row.pk for row in page] == [entry.pk]


def test_it_is_for_those_who_may_see_it() -> None:
    assert signed_in_staff("olga").get(LOG).status_code == 403


def test_it_cannot_be_changed_or_deleted_by_anybody() -> None:
    entry = an_entry("olga")
    ada = signed_in_staff("ada")
    assert ada.get(f"{LOG}add/").status_code == 403
    assert ada.post(f"{LOG}{entry.pk}/change/", {"username": "x"}).status_code == 403
    assert ada.post(f"{LOG}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert ada.get(f"{LOG}{entry.pk}/change/").status_code == 200


def test_it_shows_media_urls_without_their_secret() -> None:
    url = MediaUrl.objects.create(
        label="Dialler", expires_at=timezone.now() + timedelta(hours=1), created_by=person("olga")
    )
    client = signed_in_staff("olga")
    assert "Dialler" in client.get("/admin/media/mediaurl/").text
    page = client.get(f"/admin/media/mediaurl/{url.pk}/change/")
    assert page.status_code == 200
    assert "/acs/media/" not in page.text
    assert client.post(f"/admin/media/mediaurl/{url.pk}/delete/", {"post": "yes"}).status_code == 403
