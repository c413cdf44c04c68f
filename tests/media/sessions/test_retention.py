"""What is old enough goes by itself, for good and on record; what is held goes for nobody."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from media.archiver.worker import SWEEP_SECONDS, Archive
from media.errors import BadReason, Held, NoReason
from media.models import AccessEntry, StreamSession, Tombstone
from media.sessions.deletion import delete_session
from media.sessions.retention import expire_one, goes_at, hold, release
from media.storage import recordings
from tests.media.recorded import a_participant, a_recorded_session, speech
from tests.people import person, signed_in_staff

pytestmark = pytest.mark.django_db
NOW = timezone.now()
REFUSES = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
CREATE TRIGGER refuses BEFORE DELETE ON media_streamsession FOR EACH ROW EXECUTE FUNCTION refuse()
"""


def ended(days: float, **facts: Any) -> StreamSession:
    session = a_recorded_session(label="Support call")
    a_participant(session, "4:+15550100", speech(2))
    facts = {"live": False, "state": "ended", "ended_at": NOW - timedelta(days=days), **facts}
    StreamSession.objects.filter(pk=session.pk).update(**facts)
    session.refresh_from_db()
    return session


def all_that_goes(commits: DjangoCaptureOnCommitCallbacks) -> int:
    count = 0
    with commits(execute=True):
        while expire_one(NOW):
            count += 1
    return count


def left() -> set[Any]:
    return set(StreamSession.objects.values_list("pk", flat=True))


def test_it_deletes_what_is_older(
    settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.RETENTION_DAYS = 30
    old = [ended(30.01), ended(400)]
    kept = [ended(29.99), ended(400, hold="case 12"), ended(400, live=True), ended(0, ended_at=None)]
    gone = [session.pk for session in old]
    assert all_that_goes(django_capture_on_commit_callbacks) == 2
    assert left() == {session.pk for session in kept}
    assert [list(recordings().names(f"sessions/{pk}")) for pk in gone] == [[], []]
    assert all(list(recordings().names(f"sessions/{session.pk}")) for session in kept)
    assert set(Tombstone.objects.values_list("session_id", flat=True)) == set(gone)
    entries = AccessEntry.objects.filter(action="delete").values_list("session_id", "username", "via")
    assert set(entries) == {(pk, "RETENTION_DAYS", "server") for pk in gone}


def test_without_a_limit_it_keeps_all(
    settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert settings.RETENTION_DAYS == 0
    session = ended(30_000)
    assert all_that_goes(django_capture_on_commit_callbacks) == 0
    assert goes_at(session) is None


def test_what_is_held_goes_for_nobody_until_it_is_released(settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    session, ada = ended(400), person("ada")
    assert goes_at(session) == session.ended_at + timedelta(days=30)  # type: ignore[operator]
    with pytest.raises(NoReason):
        hold(session, ada, "admin", " \n")
    for odd, words in (("case\x0012", "A NUL"), ("\x1b12", "a control character"), ("x" * 201, "201 characters")):
        with pytest.raises(BadReason, match=f"This reason cannot be kept: .*{words}"):
            hold(session, ada, "admin", odd)
    hold(session, ada, "admin", " case\n 12 ")
    with pytest.raises(Held, match=r"Support call is held: case 12 \(ada, "):
        delete_session(StreamSession.objects.get(), ada, "admin")
    assert not expire_one(NOW)
    assert goes_at(StreamSession.objects.get()) is None
    release(session, ada, "admin")
    release(session, ada, "admin")
    assert expire_one(NOW)
    said = AccessEntry.objects.order_by("id").values_list("action", "username")
    assert list(said) == [("hold", "ada"), ("release", "ada"), ("delete", "RETENTION_DAYS")]


def test_archiving_goes_on_where_it_cannot_delete(settings: Settings, tmp_path: Path) -> None:
    settings.RETENTION_DAYS = 30
    ended(400)
    with connection.cursor() as cursor:
        cursor.execute(REFUSES)
    archive = Archive(tmp_path)
    archive._swept_at -= SWEEP_SECONDS
    with pytest.raises(DatabaseError, match="not this one"):
        archive.step()
    assert not archive.step()
    assert len(left()) == 1


def test_the_page_holds_and_releases(settings: Settings) -> None:
    settings.RETENTION_DAYS = 30
    session, client = ended(1), signed_in_staff("ada")
    page, hold_it = f"/admin/media/streamsession/{session.pk}/change/", f"/admin/media/streamsession/{session.pk}/hold/"
    assert "It is deleted after" in client.get(page).content.decode()
    assert "Say why it is held" in client.post(hold_it, {"why": ""}, follow=True).content.decode()
    shown = client.post(hold_it, {"what": "hold", "why": "<b>case</b>"}, follow=True).content.decode()
    assert "Held: &lt;b&gt;case&lt;/b&gt; (ada, " in shown
    assert f"{session.pk}/delete/" not in shown
    assert client.post(f"/admin/media/streamsession/{session.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(session.pk)], "post": "yes"}
    client.post("/admin/media/streamsession/", chosen)
    assert left() == {session.pk}
    assert "Hold it" in client.post(hold_it, {"what": "release"}, follow=True).content.decode()
    client.post("/admin/media/streamsession/", chosen)
    assert left() == set()


@pytest.mark.parametrize("who", ["olga", "sven"])
def test_who_may_not_delete_may_not_hold(who: str, settings: Settings) -> None:
    session, client = ended(1), signed_in_staff(who)
    assert client.post(f"/admin/media/streamsession/{session.pk}/hold/", {"why": "x"}).status_code == 403
    assert "How long it is kept" not in client.get(f"/admin/media/streamsession/{session.pk}/change/").content.decode()
    assert StreamSession.objects.get().hold == ""
