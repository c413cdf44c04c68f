"""The admin's pages of calls, tokens and people."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from calls.models import ApiToken, Call
from tests.people import person, signed_in_staff

pytestmark = pytest.mark.django_db


def test_it_shows_calls_and_changes_none() -> None:
    call = Call.objects.create(direction="outbound", to=["+15550100"], from_id="+15550199")
    client = signed_in_staff("olga")
    assert "+15550100" in client.get("/admin/calls/call/").text
    assert client.get(f"/admin/calls/call/{call.pk}/change/").status_code == 200
    assert client.post(f"/admin/calls/call/{call.pk}/change/", {"state": "ended"}).status_code == 403
    assert client.get("/admin/calls/call/add/").status_code == 403


def test_it_lets_ada_revoke_a_token_but_never_see_it() -> None:
    row, token = ApiToken.make(person("olga"), "dialler")
    ada = signed_in_staff("ada")
    for page in (ada.get("/admin/calls/apitoken/"), ada.get(f"/admin/calls/apitoken/{row.pk}/change/")):
        assert "dialler" in page.text
        assert token not in page.text
        assert row.digest not in page.text
    assert ada.get("/admin/calls/apitoken/add/").status_code == 403
    assert ada.post(f"/admin/calls/apitoken/{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not ApiToken.objects.exists()


def test_it_hides_tokens_from_operators() -> None:
    assert signed_in_staff("olga").get("/admin/calls/apitoken/").status_code == 403


def test_it_lets_ada_make_a_user_but_no_superuser() -> None:
    ada, olga = signed_in_staff("ada"), person("olga")
    page = ada.get(f"/admin/auth/user/{olga.pk}/change/")
    assert page.status_code == 200
    assert 'name="is_superuser"' not in page.text
    assert 'name="user_permissions"' not in page.text
    form = {
        "username": "olga",
        "is_active": "on",
        "is_superuser": "on",
        "date_joined_0": "2026-03-01",
        "date_joined_1": "12:00",
    }
    assert page.text.count('name="groups"') == page.text.count('type="checkbox" name="groups"') == 3  # a box for each
    supervisor = Group.objects.get(name="Supervisor")
    assert ada.post(f"/admin/auth/user/{olga.pk}/change/", {**form, "groups": [supervisor.pk]}).status_code == 302
    olga.refresh_from_db()
    assert not olga.is_superuser
    assert [group.name for group in olga.groups.all()] == ["Supervisor"]
    assert '<td class="field-in_groups' in (users := ada.get("/admin/auth/user/").text)
    assert "Supervisor" in users.partition("field-in_groups")[2]


def test_it_keeps_superusers_out_of_adas_hands() -> None:
    root = User.objects.create_superuser("root", password="old-secret")
    ada = signed_in_staff("ada")
    form = {"password1": "new-secret-77", "password2": "new-secret-77", "usable_password": "true"}
    assert ada.post(f"/admin/auth/user/{root.pk}/password/", form).status_code == 403
    assert ada.post(f"/admin/auth/user/{root.pk}/change/", {"username": "gone"}).status_code == 403
    root.refresh_from_db()
    assert root.check_password("old-secret")


def test_it_opens_every_page_for_a_superuser() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    for path in (
        "",
        "auth/user/",
        "auth/user/add/",
        "auth/group/",
        "auth/group/add/",
        "calls/call/",
        "calls/apitoken/",
    ):
        assert client.get(f"/admin/{path}").status_code == 200
