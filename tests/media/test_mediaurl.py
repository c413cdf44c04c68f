import json
import uuid
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from media.ingest.tokens import verify
from media.models import StreamSession

pytestmark = pytest.mark.django_db


def mediaurl(*words: str) -> str:
    out = StringIO()
    call_command("mediaurl", *words, stdout=out)
    url, end, rest = out.getvalue().partition("\n")
    assert (end, rest) == ("\n", "")
    return url


def test_it_prints_a_url_and_lets_a_session_wait_for_it(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://recorder.example.org"
    url = mediaurl()
    assert url.startswith("wss://recorder.example.org/acs/media/")
    session = StreamSession.objects.get()
    assert (session.state, session.media_url_id) == ("waiting", verify(url.rpartition("/")[2]).url_id)
    mediaurl("--label", "Order 4711")
    assert {each.label for each in StreamSession.objects.all()} == {"", "Order 4711"}


def test_it_signs_for_a_call_that_need_not_exist() -> None:
    call = uuid.uuid4()
    assert verify(mediaurl("--call", str(call)).rpartition("/")[2]).call_id == call
    assert not StreamSession.objects.exists()


def test_it_names_the_server_that_runs(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    (tmp_path / "server.json").write_text(
        json.dumps({"pid": 1, "host": "127.0.0.1", "port": 8123, "server": "uvicorn"})
    )
    assert mediaurl().startswith("ws://127.0.0.1:8123/acs/media/")


def test_it_refuses_what_is_no_id() -> None:
    with pytest.raises(CommandError, match="'4711' is not a call's id; that is a UUID"):
        mediaurl("--call", "4711")
    with pytest.raises(CommandError, match="at most 200 letters; this one has 201"):
        mediaurl("--label", "x" * 201)
