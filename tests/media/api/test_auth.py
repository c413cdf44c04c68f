from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import ApiToken
from tests.media.rows import a_session
from tests.people import browser_of, person, program_of

pytestmark = pytest.mark.django_db
SESSIONS = "/api/v1/sessions"
URLS = "/api/v1/media-urls"


def post(client: Client, path: str, body: object, **more: Any) -> Any:
    return client.post(path, body, content_type="application/json", **more)


def test_it_knows_a_program_by_its_token() -> None:
    assert program_of("olga").get(SESSIONS).status_code == 200


def test_it_tells_strangers_how_to_prove_who_they_are() -> None:
    answer = Client().get(SESSIONS)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "createtoken" in answer.json()["detail"]


def test_it_asks_strangers_for_proof_before_it_asks_for_a_csrf_token() -> None:
    assert post(Client(enforce_csrf_checks=True), URLS, {}).status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer nonsense", "Basic b2xnYTp4", "Bearer \xff", "nonsense"]
)
def test_it_refuses_what_is_no_token(header: str) -> None:
    assert Client().get(SESSIONS, headers={"authorization": header}).status_code == 401


def test_it_refuses_an_expired_token() -> None:
    row, token = ApiToken.make(person("olga"), days=1)
    ApiToken.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(SESSIONS, headers={"authorization": f"Bearer {token}"}).status_code == 401


def test_it_refuses_the_token_of_somebody_who_left() -> None:
    client, olga = program_of("olga"), person("olga")
    olga.is_active = False
    olga.save()
    assert client.get(SESSIONS).status_code == 401


def test_it_does_not_cover_up_a_wrong_token_with_a_cookie() -> None:
    assert browser_of("olga").get(SESSIONS, headers={"authorization": "Bearer nonsense"}).status_code == 401


def test_it_notes_the_use_of_a_token_at_most_once_a_minute() -> None:
    client = program_of("olga")
    client.get(SESSIONS)
    row = ApiToken.objects.get()
    first = row.last_used_at
    assert first is not None
    client.get(SESSIONS)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    client.get(SESSIONS)
    assert ApiToken.objects.filter(last_used_at__gte=first).exists()


def test_it_knows_a_person_by_the_console_session() -> None:
    assert browser_of("olga").get(SESSIONS).status_code == 200


def test_it_lets_a_browser_change_things_only_with_a_csrf_token() -> None:
    browser = browser_of("olga")
    refused = post(browser, URLS, {})
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
    browser.get("/admin/login/")
    browser.cookies["csrftoken"] = "a" * 32
    assert post(browser, URLS, {}, headers={"x-csrftoken": "a" * 32}).status_code == 201


def test_it_needs_no_csrf_token_from_a_program() -> None:
    _, token = ApiToken.make(person("olga"))
    program = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {token}"})
    assert post(program, URLS, {}).status_code == 201


def test_it_shows_nothing_to_otto() -> None:
    session = a_session()
    otto = program_of("otto")
    for path in (
        "",
        f"/{session.pk}",
        *(f"/{session.pk}/{part}" for part in ("chunks", "gaps", "events", "access-log")),
    ):
        answer = otto.get(SESSIONS + path)
        assert answer.status_code == 403, path
        assert "media.view_" in answer.json()["detail"]
    assert post(otto, URLS, {}).status_code == 403


def test_it_shows_the_access_log_to_sven_and_ada_but_not_to_olga() -> None:
    path = f"{SESSIONS}/{a_session().pk}/access-log"
    assert [program_of(name).get(path).status_code for name in ("olga", "sven", "ada")] == [403, 200, 200]
