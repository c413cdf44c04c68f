from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from pytest_django import Settings

from media.ingest.tokens import verify
from media.models import MediaUrl, StreamSession
from media.sessions.identity import session_of_url
from tests.people import program_of

pytestmark = pytest.mark.django_db


def make(**body: Any) -> Any:
    return program_of("olga").post("/api/v1/media-urls", body, content_type="application/json")


def test_it_makes_a_url_and_a_session_that_waits_for_it() -> None:
    answer = make(label="Ticket 4711", external_id="crm-9")
    assert answer.status_code == 201
    made = answer.json()
    session = StreamSession.objects.get()
    assert made["session_id"] == str(session.pk)
    assert (session.state, session.live, session.label, session.external_id) == (
        "waiting",
        True,
        "Ticket 4711",
        "crm-9",
    )
    assert session.reason == "No socket has been opened yet."
    token = made["url"].removeprefix("ws://testserver/acs/media/")
    proof = verify(token)
    assert session_of_url(UUID(str(proof.url_id))) == session.pk
    assert MediaUrl.objects.get().created_by.username == "olga"  # type: ignore[union-attr]


def test_it_makes_a_reusable_url_without_a_session() -> None:
    made = make(reusable=True).json()
    assert made["session_id"] is None
    assert StreamSession.objects.count() == 0
    assert verify(made["url"].rpartition("/")[2]).reusable


def test_it_says_until_when() -> None:
    expires_at = parse_datetime(make(expires_in_seconds=60).json()["expires_at"])
    assert expires_at is not None
    assert abs(expires_at - timezone.now() - timedelta(seconds=60)) < timedelta(seconds=5)


def test_it_lives_a_day_unless_told_otherwise() -> None:
    expires_at = parse_datetime(make().json()["expires_at"])
    assert expires_at is not None
    assert abs(expires_at - timezone.now() - timedelta(days=1)) < timedelta(seconds=5)


def test_it_names_the_public_url_when_there_is_one(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://recorder.example.org"
    assert make().json()["url"].startswith("wss://recorder.example.org/acs/media/")


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"expires_in_seconds": 0}, "expires_in_seconds"),
        ({"expires_in_seconds": 30 * 86_400 + 1}, "expires_in_seconds"),
        ({"expires_in_seconds": "60"}, "expires_in_seconds"),
        ({"reusable": "yes"}, "reusable"),
        ({"label": "x" * 201}, "label"),
        ({"label": "a\0b"}, "label"),
        ({"external_id": 7}, "external_id"),
        ({"expires_in": 60}, "expires_in"),
    ],
)
def test_it_refuses_what_it_cannot_mean(body: dict[str, Any], loc: str) -> None:
    answer = make(**body)
    assert answer.status_code == 422
    (fault,) = answer.json()["detail"]
    assert fault["loc"] == ["body", loc]
    assert set(fault) == {"loc", "msg"}
    assert MediaUrl.objects.count() == 0


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"', '{"label": "\\ud800"}', b"\xff"])
def test_it_refuses_a_body_that_is_no_json_object(body: str) -> None:
    answer = program_of("olga").post("/api/v1/media-urls", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][0] == "body"


def test_it_takes_a_request_without_a_body() -> None:
    answer = program_of("olga").post("/api/v1/media-urls", "", content_type="application/json")
    assert answer.status_code == 201
    assert StreamSession.objects.get().label == ""


def test_it_counts_the_characters_of_a_label() -> None:
    (fault,) = make(label="x" * 201).json()["detail"]
    assert fault["msg"] == "String should have at most 200 characters"


def test_it_takes_null_for_what_was_not_said() -> None:
    answer = make(label=None, external_id=None, reusable=None, expires_in_seconds=None)
    assert answer.status_code == 201
    assert answer.json()["session_id"]
