"""Who may what, and that it stays on record."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from media import access
from media.access import Right
from media.models import AccessEntry
from tests.media.rows import a_chunk, a_connection, a_lane, a_session
from tests.people import person

pytestmark = pytest.mark.django_db

OPERATOR = {Right.LIST, Right.HEAR_LIVE, Right.REPLAY, Right.ANNOTATE, Right.PLACE_CALL, Right.CONTROL_CALL}
SUPERVISOR = OPERATOR | {Right.DOWNLOAD, Right.ACCESS_LOG}


@pytest.mark.parametrize(
    ("name", "rights"),
    [("otto", set()), ("olga", OPERATOR), ("sven", SUPERVISOR), ("ada", SUPERVISOR | {Right.DELETE, Right.PROVE})],
)
def test_it_gives_each_group_its_rights_and_no_more(name: str, rights: set[Right]) -> None:
    user = person(name)
    assert {right for right in Right if user.has_perm(right)} == rights


def test_it_lets_only_ada_make_users_and_tokens() -> None:
    rights = ("auth.add_user", "auth.change_user", "calls.add_apitoken", "calls.delete_apitoken")
    assert person("ada").has_perms(rights)
    assert not any(person(name).has_perm(right) for name in ("olga", "sven") for right in rights)


def test_it_lets_every_group_look_at_rows_but_change_none() -> None:
    models = ("streamsession", "connection", "participant", "audiochunk", "gap")
    for name in ("olga", "sven", "ada"):
        user = person(name)
        assert user.has_perms([f"media.view_{model}" for model in models])
        assert not any(user.has_perm(f"media.{verb}_{model}") for verb in ("add", "change") for model in models)


def test_it_has_three_groups() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {"Operator", "Supervisor", "Administrator"}


def test_it_made_each_right_once() -> None:
    for group in Group.objects.all():
        rights = group.permissions.values_list("content_type__app_label", "content_type__model", "codename")
        assert len(rights) == len(set(rights))
    names = Group.objects.get(name="Administrator").permissions.values_list("name", flat=True)
    assert "Can replay recordings" in names
    assert "Can view stream session" in names


def test_it_shows_no_rows_to_otto() -> None:
    session = a_session()
    a_chunk(a_lane(session, None), a_connection(session))
    otto, olga = person("otto"), person("olga")
    assert not access.sessions_for(otto).exists()
    assert not access.chunks_for(otto).exists()
    assert access.sessions_for(olga).get() == session
    assert access.chunks_for(olga).count() == 1


def test_it_refuses_with_a_sentence() -> None:
    with pytest.raises(
        PermissionDenied, match=r"You may not download recordings; this needs the right media\.download\."
    ):
        access.demand(person("olga"), Right.DOWNLOAD)


def test_it_says_which_row_is_unknown() -> None:
    lost = a_session()
    lost_id = lost.pk
    lost.delete()
    with pytest.raises(Http404, match=str(lost_id)):
        access.find_session(person("olga"), lost_id)
    with pytest.raises(Http404, match=str(lost_id)):
        access.find_chunk(person("olga"), lost_id)


def an_entry() -> AccessEntry:
    return access.record(person("sven"), a_session(), AccessEntry.Action.DOWNLOAD, "api", 0, 1000, format="wav")


def test_it_remembers_who_heard_what() -> None:
    entry = an_entry()
    entry.refresh_from_db()
    assert (entry.username, entry.via, entry.action) == ("sven", "api", "download")
    assert (entry.from_ms, entry.to_ms, entry.detail) == (0, 1000, {"format": "wav"})


@pytest.mark.parametrize(
    "sql",
    ["UPDATE media_accessentry SET username = 'nobody'", "DELETE FROM media_accessentry"],
    ids=["update", "delete"],
)
def test_it_cannot_be_made_to_forget(sql: str) -> None:
    an_entry()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert AccessEntry.objects.get().username == "sven"


def test_it_cannot_be_changed_through_its_row() -> None:
    entry = an_entry()
    with pytest.raises(TypeError):
        entry.save()


def test_it_outlives_the_session_and_the_user() -> None:
    entry = an_entry()
    person("sven").delete()
    access.sessions_for(person("ada")).get().delete()
    assert AccessEntry.objects.get() == entry
