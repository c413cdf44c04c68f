"""What holds for the whole REST API: one form of error, a true OpenAPI document, pages without outside hosts."""

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.contrib.staticfiles import finders
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from calls.models import ApiToken
from tests.media.recorded import a_participant, a_recorded_session, speech
from tests.people import person, program_of

pytestmark = pytest.mark.django_db
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BASE = "/api/v1"


@pytest.fixture
def document() -> Any:
    return Client().get(f"{BASE}/openapi.json").json()


def test_it_documents_every_door_of_sessions_and_media_urls(document: Any) -> None:
    assert {path.removeprefix(BASE) for path in document["paths"]} >= {
        "/media-urls",
        "/sessions",
        "/sessions/{session_id}",
        "/sessions/{session_id}/audio",
        "/sessions/{session_id}/waveform",
        "/sessions/{session_id}/chunks",
        "/sessions/{session_id}/gaps",
        "/sessions/{session_id}/events",
        "/sessions/{session_id}/access-log",
        "/chunks/{chunk_id}/audio",
    }


def test_it_names_both_proofs_in_its_document(document: Any) -> None:
    assert {scheme["type"] for scheme in document["components"]["securitySchemes"].values()} == {"http", "apiKey"}


def test_its_pages_ask_no_outside_host() -> None:
    page = Client().get(f"{BASE}/docs").content.decode()
    assert "swagger-ui" in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert '"validatorUrl": null' in page
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(files) >= 3
    assert all(finders.find(file) and Path(str(finders.find(file))).is_file() for file in files)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/sessions/0aa7ba39-2e25-4bba-9fb9-4f0b0d2a6a3f", 404),
        ("get", "/sessions/0aa7ba39-2e25-4bba-9fb9-4f0b0d2a6a3f/audio", 404),
        ("get", "/chunks/0aa7ba39-2e25-4bba-9fb9-4f0b0d2a6a3f/audio", 404),
        ("get", "/sessions/0aa7ba39-2e25-4bba-9fb9-4f0b0d2a6a3f/access-log", 404),
        ("get", "/sessions?limit=0", 422),
        ("get", "/nowhere", 404),
        ("post", "/sessions/nowhere/at-all", 404),
        ("get", "/", 404),
    ],
)
def test_it_refuses_in_one_form(method: str, path: str, status: int) -> None:
    answer = getattr(program_of("sven"), method)(BASE + path)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/json")
    detail = answer.json()["detail"]
    if status == 422:
        assert all(set(fault) == {"loc", "msg"} for fault in detail)
    else:
        assert re.fullmatch(r"[A-Z].*\.", detail)


def test_head_is_a_get_without_its_body_and_a_slash_at_the_end_changes_nothing() -> None:
    session, sven = a_recorded_session(), program_of("sven")
    a_participant(session, "4:+1", speech(1))
    for path in ("/sessions", f"/sessions/{session.pk}", "/docs", "/openapi.json"):
        got, slashed, head = sven.get(BASE + path), sven.get(f"{BASE}{path}/"), sven.head(BASE + path)
        assert got.status_code == slashed.status_code == head.status_code == 200
        assert (len(slashed.content), head.content) == (len(got.content), b"")  # a page holds a new CSRF token
        assert head["Content-Type"] == got["Content-Type"]
    assert sven.post(f"{BASE}/media-urls/", "{}", content_type="application/json").status_code == 201
    assert sven.head(f"{BASE}/sessions/nowhere/at-all").status_code == 404
    assert sven.head(f"{BASE}/media-urls").status_code == 405


@pytest.fixture
def _one_connection() -> Generator[None]:
    """Keeps requests from closing the connection that holds the test's transaction, as Django's own client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


PATHS = [
    *(f"/sessions{rest}" for rest in ("", "/{session_id}")),
    *(f"/sessions/{{session_id}}/{part}" for part in ("audio", "waveform", "chunks", "gaps", "events", "access-log")),
    "/chunks/{chunk_id}/audio",
]


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize(("method", "path"), [("POST", "/media-urls"), *(("GET", path) for path in PATHS)])
def test_it_answers_as_its_document_says(method: str, path: str) -> None:
    session = a_recorded_session()
    lane = a_participant(session, "4:+1", speech(1))
    known = {"session_id": str(session.pk), "chunk_id": str(lane.chunks.get().pk)}
    _, token = ApiToken.make(person("sven"))
    schema = schemathesis.openapi.from_wsgi(f"{BASE}/openapi.json", WSGIHandler())

    @given(case=schema[BASE + path][method].as_strategy())
    @settings(max_examples=10, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    def check(case: Any) -> None:
        # Every other case is about rows that are there.
        if len(str(case.query)) % 2:
            case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
        case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {token}"})

    check()
