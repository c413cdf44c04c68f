from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from calls.models import ApiToken

pytestmark = pytest.mark.django_db


def createtoken(*words: str) -> tuple[str, str]:
    """What is on stdout and on stderr."""
    out, err = StringIO(), StringIO()
    call_command("createtoken", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def sessions(token: str) -> Any:
    return Client().get("/api/v1/sessions", headers={"authorization": f"Bearer {token}"})


def test_it_prints_a_token_alone_that_opens_the_api() -> None:
    out, err = createtoken("olga", "--create", "--group", "Operator")
    assert out.count("\n") == 1
    assert err == ""
    assert sessions(out.strip()).status_code == 200


def test_it_stores_only_a_hash() -> None:
    token = createtoken("olga", "--create")[0].strip()
    row = ApiToken.objects.get()
    assert token not in {str(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def test_it_makes_users_that_cannot_sign_in_with_a_password() -> None:
    createtoken("olga", "--create")
    assert not User.objects.get(username="olga").has_usable_password()


def test_it_says_when_the_user_may_do_nothing() -> None:
    out, err = createtoken("otto", "--create")
    assert "--group Operator" in err
    assert sessions(out.strip()).status_code == 403


def test_it_takes_a_user_that_exists() -> None:
    User.objects.create_user("olga", password="x")
    createtoken("olga", "--create", "--group", "operator")
    olga = User.objects.get()
    assert olga.has_usable_password()
    assert olga.groups.get().name == "Operator"


def test_it_names_the_token_and_lets_it_expire() -> None:
    createtoken("olga", "--create", "--name", "CRM", "--days", "30")
    row = ApiToken.objects.get()
    assert row.name == "CRM"
    assert row.expires_at is not None
    assert abs(row.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["olga"], "There is no user 'olga'. Add --create to make it."),
        (["olga", "--create", "--group", "Boss"], "the groups are Operator, Supervisor, Administrator"),
        (["a b", "--create"], "cannot be a user's name"),
        (["x" * 151, "--create"], "cannot be a user's name"),
        (["", "--create"], "cannot be a user's name"),
        (["olga", "--create", "--name", "x" * 101], "at most 100 characters"),
        (["olga", "--create", "--days", "0"], "not a whole number of days"),
        (["olga", "--create", "--days", "soon"], "not a whole number of days"),
    ],
)
def test_it_refuses_with_a_sentence_and_makes_nothing(words: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        createtoken(*words)
    assert not User.objects.exists()
    assert not ApiToken.objects.exists()


def test_it_makes_no_token_for_somebody_who_left() -> None:
    User.objects.create_user("olga", is_active=False)
    with pytest.raises(CommandError, match="not active"):
        createtoken("olga")
