"""A person's own pages: what they refuse, and that they concern nobody else."""

import pytest
from django.core.cache import caches
from django.test import Client

from calls.account.forms import MOST_FAILURES, MOST_TOKENS
from calls.models import ApiToken
from tests.people import browser_of, person

pytestmark = pytest.mark.django_db
TOKENS = "/profile/tokens/"


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    return client


@pytest.mark.parametrize("path", ["/", "/sessions/", "/profile/", TOKENS, "/profile/password/"])
def test_it_asks_who_one_is(path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path}")


def test_it_leads_nowhere_else_after_signing_in() -> None:
    page = Client().get("/login/?next=https://elsewhere.example/").text
    assert "elsewhere" not in page.partition("<main")[2].replace('name="next" value="https://elsewhere.example/"', "")
    user = person("olga")
    user.set_password("secret of olga")
    user.save()
    form = {"username": "olga", "password": "secret of olga", "next": "https://elsewhere.example/"}
    assert Client().post("/login/", form)["Location"] == "/"


def test_it_says_how_the_first_user_is_made() -> None:
    person("ada")  # has a token alone
    assert "manage.py createsuperuser" in Client().get("/login/").text
    user = person("olga")
    user.set_password("secret of olga")
    user.save()
    assert "createsuperuser" not in Client().get("/login/").text


def test_it_says_why_somebody_does_not_see_the_admin() -> None:
    assert "You are logged in as olga, whom an administrator" in signed_in("olga").get("/admin/", follow=True).text
    assert "You are logged in" not in Client().get("/admin/login/").text


def test_it_says_what_somebody_without_a_group_lacks() -> None:
    page = signed_in("otto").get("/")
    assert page.status_code == 403
    assert "You are in no group yet" in page.text
    assert "To the board" not in page.text, "that is where they are"


def test_it_ends_guessing_of_passwords_for_a_while() -> None:
    user = person("olga")
    user.set_password("secret of olga")
    user.save()
    caches["throttle"].clear()
    right, wrong = ({"username": "olga", "password": word} for word in ("secret of olga", "guess"))
    guesser = Client()
    for _ in range(MOST_FAILURES // 2):  # through either door
        assert "correct username and password" in guesser.post("/admin/login/", wrong).text
    for _ in range(MOST_FAILURES // 2):
        assert "do not belong together" in guesser.post("/login/", wrong).text
    assert "Too many wrong passwords" in guesser.post("/login/", right).text
    assert "Too many wrong passwords" in guesser.post("/admin/login/", right).text
    assert guesser.post("/login/", right, headers={"x-forwarded-for": "10.0.0.1"}).status_code == 200
    assert guesser.post("/login/", right, REMOTE_ADDR="10.0.0.2").status_code == 302  # she herself, elsewhere
    caches["throttle"].clear()
    for _ in range(MOST_FAILURES - 1):
        guesser.post("/login/", wrong)
    assert Client().post("/login/", right).status_code == 302  # and starts at nought
    assert "do not belong together" in Client().post("/login/", wrong).text


def test_it_is_not_signed_out_by_a_link() -> None:
    assert signed_in("olga").get("/logout/").status_code == 405


def test_it_makes_no_token_for_a_page_of_somebody_else() -> None:
    assert browser_of("olga").post(TOKENS, {"name": "theirs"}).status_code == 403
    assert not ApiToken.objects.exists()


def test_it_shows_and_revokes_only_ones_own_tokens() -> None:
    row, _ = ApiToken.make(person("sven"), "of Sven")
    olga = signed_in("olga")
    assert "of Sven" not in olga.get("/profile/").text
    assert olga.post(f"{TOKENS}{row.pk}/revoke/").status_code == 404
    assert ApiToken.objects.exists()


def test_it_needs_a_name_and_a_known_lifetime_for_a_token() -> None:
    olga = signed_in("olga")
    assert "This field is required." in olga.post(TOKENS, {"name": ""}).text
    assert "is not one of the available choices" in olga.post(TOKENS, {"name": "x", "lifetime": "3"}).text
    assert not ApiToken.objects.exists()


def test_it_makes_a_token_that_ends_when_it_was_said() -> None:
    olga = signed_in("olga")
    answer = olga.post(TOKENS, {"name": "for a month", "lifetime": "30"})
    assert "no-store" in answer["Cache-Control"]
    row = ApiToken.objects.get()
    assert row.expires_at
    assert (row.expires_at - row.created_at).days in (29, 30)
    olga.post(TOKENS, {"name": "for good", "lifetime": ""})
    assert ApiToken.objects.get(name="for good").expires_at is None


def test_it_keeps_the_number_of_tokens_within_bounds() -> None:
    for number in range(MOST_TOKENS):
        ApiToken.make(person("olga"), str(number))
    assert "revoke one first" in signed_in("olga").post(TOKENS, {"name": "one more"}).text
    assert ApiToken.objects.count() == MOST_TOKENS


def test_it_says_which_right_is_missing() -> None:
    answer = signed_in("otto").get("/sessions/")
    assert answer.status_code == 403
    assert "this needs the right media.view_streamsession" in answer.text
    assert signed_in("otto").get("/profile/").status_code == 200
