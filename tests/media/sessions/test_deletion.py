"""Deleting a session: rows, then files; what stays is a tombstone and an entry in the log."""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from media.archiver.sweep import sweep_deleted
from media.models import AccessEntry, AudioChunk, Connection, Gap, Participant, StreamSession, Tombstone
from media.sessions.deletion import delete_session
from media.storage import recordings
from tests.media.recorded import a_participant, a_recorded_session, speech
from tests.media.rows import a_gap, a_session
from tests.people import person, signed_in_staff

pytestmark = pytest.mark.django_db
LIST = "/admin/media/streamsession/"


@pytest.fixture
def committed(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Callable[[], Any]:
    """`with committed():` does at its end what a commit would do."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def a_recording() -> StreamSession:
    session = a_recorded_session(label="Support call")
    lane = a_participant(session, "4:+15550100", speech(25))
    a_gap(session, lane, 25_000, 100)
    recordings().put(f"sessions/{session.pk}/quarantine-1-2.jsonl", b"{}")
    return session


def files_of(session_id: object) -> list[str]:
    try:
        return list(storages["recordings"].listdir(f"sessions/{session_id}")[1])
    except FileNotFoundError:
        return []


def test_it_removes_rows_and_files_and_leaves_a_tombstone_and_an_entry(committed: Callable[[], Any]) -> None:
    session, other = a_recording(), a_recording()
    gone = session.pk
    assert len(files_of(gone)) == 4
    with committed():
        delete_session(session, person("ada"), "admin")
    assert not StreamSession.objects.filter(pk=gone).exists()
    for model in (Participant, Connection, Gap):
        assert not model.objects.filter(session_id=gone).exists()
    assert AudioChunk.objects.count() == 3
    assert files_of(gone) == []
    assert len(files_of(other.pk)) == 4
    assert Tombstone.objects.filter(pk=gone).exists()
    entry = AccessEntry.objects.get()
    assert (entry.session_id, entry.username, entry.action, entry.via) == (gone, "ada", "delete", "admin")
    assert entry.detail["label"] == "Support call"


def test_it_deletes_a_session_without_any_file(committed: Callable[[], Any]) -> None:
    session = a_session()
    with committed():
        delete_session(session, person("ada"), "admin")
    assert not StreamSession.objects.exists()


def test_it_keeps_the_files_when_the_rows_stay(committed: Callable[[], Any]) -> None:
    """A failure within the transaction leaves everything as it was."""
    session = a_recording()
    kept = session.pk
    with committed() as afterwards, transaction.atomic():
        delete_session(session, person("ada"), "admin")
        transaction.set_rollback(True)
    assert not afterwards
    assert StreamSession.objects.filter(pk=kept).exists()
    assert len(files_of(kept)) == 4
    assert not Tombstone.objects.exists()


def test_it_says_which_files_remain_when_the_storage_refuses(
    caplog: pytest.LogCaptureFixture, committed: Callable[[], Any]
) -> None:
    session = a_recording()
    gone = session.pk
    recordings().put(f"sessions/{gone}/a-folder-in-the-way/file", b"x")
    with caplog.at_level(logging.WARNING), committed():
        delete_session(session, person("ada"), "admin")
    assert f"Files of a deleted session remain in sessions/{gone}" in caplog.text
    assert not StreamSession.objects.exists()


def test_it_removes_later_what_the_storage_refused_or_an_archiver_was_just_storing(
    committed: Callable[[], Any],
) -> None:
    session, other = a_recording(), a_recording()
    gone, now = session.pk, timezone.now()
    with committed():
        delete_session(session, person("ada"), "admin")
    recordings().put(f"sessions/{gone}/late.flac", b"stored when the rows were gone already")
    sweep_deleted(now)
    assert files_of(gone) == ["late.flac"]  # whoever stores there may still be about to
    in_the_way = Path(storages["recordings"].path(f"sessions/{gone}/a-folder-in-the-way"))
    in_the_way.mkdir()
    (in_the_way / "file").write_bytes(b"x")
    sweep_deleted(now + timedelta(hours=2))
    (in_the_way / "file").unlink()
    in_the_way.rmdir()
    sweep_deleted(now + timedelta(hours=3))
    assert not Path(storages["recordings"].path(f"sessions/{gone}")).exists()
    assert Tombstone.objects.get().files_gone
    assert len(files_of(other.pk)) == 4


# --- from the admin -------------------------------------------------------------------------------------------------


def delete_by_page(client: Client, session: StreamSession) -> int:
    answer = client.post(f"{LIST}{session.pk}/delete/", {"post": "yes"})
    assert answer.status_code != 302 or answer["Location"] == LIST  # and not to the first page of all
    return answer.status_code


def test_it_lets_ada_delete_one_from_its_page(committed: Callable[[], Any]) -> None:
    session = a_recording()
    gone, client = session.pk, signed_in_staff("ada")
    asked = client.get(f"{LIST}{gone}/delete/").text
    assert "Support call: its audio, gaps and connections, for good" in asked
    assert "flac" not in asked
    with committed():
        assert delete_by_page(client, session) == 302
    assert not StreamSession.objects.exists()
    assert files_of(gone) == []
    assert list(AccessEntry.objects.values_list("action", "via", "username")) == [("delete", "admin", "ada")]


def test_it_lets_ada_delete_several_from_the_list(committed: Callable[[], Any]) -> None:
    first, second, third = a_recording(), a_recording(), a_recording()
    choice = {"action": "delete_selected", "_selected_action": [str(first.pk), str(second.pk)]}
    client = signed_in_staff("ada")
    assert "for good" in client.post(LIST, choice).text
    with committed():
        client.post(LIST, {**choice, "post": "yes"})
    assert list(StreamSession.objects.values_list("pk", flat=True)) == [third.pk]
    assert set(Tombstone.objects.values_list("pk", flat=True)) == {first.pk, second.pk}
    assert AccessEntry.objects.filter(action="delete").count() == 2


@pytest.mark.parametrize("name", ["olga", "sven"])
def test_it_lets_nobody_else_delete(name: str) -> None:
    session, client = a_recording(), signed_in_staff(name)
    assert delete_by_page(client, session) == 403
    page = client.post(LIST, {"action": "delete_selected", "_selected_action": [str(session.pk)], "post": "yes"})
    assert page.status_code in (200, 302)
    assert f"{LIST}{session.pk}/delete/" not in client.get(f"{LIST}{session.pk}/change/").text
    assert StreamSession.objects.filter(pk=session.pk).exists()
    assert len(files_of(session.pk)) == 4
