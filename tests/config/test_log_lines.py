"""Each record is a line that says which call and session it is about, as text or as JSON; and holds no number, sound or
token."""

import base64
import json
import logging
import uuid
from pathlib import Path
from typing import Any

import pytest

from calls.log_context import about, named, of_call
from config.log_lines import JsonLines, TextLines
from tests.redis_server import running_redis
from tests.serving import RunningServer

CALL, SESSION = uuid.uuid4(), uuid.uuid4()
TEXT = TextLines("{levelname} {name}: {message}", style="{")
KEYS = ["time", "level", "logger", "message", "call", "session", "process"]


def record(message: str, *arguments: object, fault: Any = None, **extra: str) -> logging.LogRecord:
    made = logging.LogRecord("media.x", logging.WARNING, "x.py", 1, message, arguments, fault)
    made.__dict__.update(extra)
    return made


def as_json(made: logging.LogRecord) -> dict[str, Any]:
    line = JsonLines().format(made)
    assert "\n" not in line
    said: dict[str, Any] = json.loads(line)
    assert list(said) == KEYS
    return said


def test_a_line_has_its_own_ids_before_those_of_the_work_around_it() -> None:
    with about(call=CALL, session=None):
        made = record("late by %d", 3, **named(session=SESSION))
        said, text = as_json(made), TEXT.format(made)
        other = as_json(record("x", **named(call=SESSION)))
    assert (said["call"], said["session"], said["message"]) == (str(CALL), str(SESSION), "late by 3")
    assert (said["level"], said["logger"], said["process"]) == ("WARNING", "media.x", made.process)
    assert said["time"].endswith("+00:00")
    assert text == f"WARNING media.x: late by 3 call={CALL} session={SESSION}"
    assert other["call"] == str(SESSION)
    assert as_json(record("x")) | {"time": "", "process": 0} == {
        "time": "",
        "level": "WARNING",
        "logger": "media.x",
        "message": "x",
        "call": None,
        "session": None,
        "process": 0,
    }


def test_text_says_no_id_twice() -> None:
    assert TEXT.format(record(f"call {CALL} ended", **named(call=CALL))) == f"WARNING media.x: call {CALL} ended"


async def test_work_for_a_call_names_it_until_it_is_done() -> None:
    @of_call
    async def work(call_id: uuid.UUID, words: str) -> dict[str, Any]:
        return as_json(record(words))

    assert (await work(CALL, "asking"))["call"] == str(CALL)
    assert as_json(record("after"))["call"] is None


@pytest.mark.parametrize("formatter", [TEXT, JsonLines()])
def test_no_number_no_sound_no_token_gets_through(formatter: logging.Formatter) -> None:
    frame = base64.b64encode(bytes(range(256)) * 3).decode()
    secrets = ("15550100", "5550123", frame[:40], "SECRET")
    try:
        raise ValueError(f"ACS does not call +1 555-0123, said {frame}")
    except ValueError as error:
        fault = (ValueError, error, error.__traceback__)
    for message in (
        "DELETE /calls/x/participants/+15550100 404",
        "DELETE /calls/x/participants/4:%2B15550100 404",
        "4:15550100 left, 4:+15550100 too",
        f"message {{'data': '{frame}'}} of /acs/media/SECRET",
    ):
        line = formatter.format(record(message, fault=fault))
        assert not [secret for secret in secrets if secret in line], line
        assert "ACS does not call +…" in line


def test_times_ids_and_lengths_are_left_alone() -> None:
    line = f"2026-11-26 09:22:12+00:00 GET /sessions/{SESSION}/ 200 123456789 ms, +5 dB, 127.0.0.1:53210"
    assert TEXT.format(record("%s", line)).endswith(line)


def lines_of(server: RunningServer) -> list[dict[str, Any]]:
    """Each line that is not the one on standard output, from the first to the last."""
    lines = server.output().splitlines()
    said = [json.loads(line) for line in lines if not line.startswith("Listening on http://")]
    assert all(list(each) == KEYS for each in said)
    return said


def test_all_that_a_server_says_is_json_from_the_first_line_to_the_last(tmp_path: Path) -> None:
    with running_redis(tmp_path) as layer:
        settings = {"LOG_FORMAT": "json", "WORKERS": "2", "REDIS_URL": layer.url, "PUBLIC_URL": "http://example.org"}
        server = RunningServer(tmp_path / "var", settings)
        with server:
            assert server.get("/login/")[0] == 200
            other = RunningServer(tmp_path / "other", settings, port=server.port, fresh=True)
            other.launch()
            assert other.wait() == 1
        for started in (server, other):
            unsafe = [each for each in lines_of(started) if "(media.W015)" in each["message"]]
            assert [(each["level"], each["process"]) for each in unsafe] == [("WARNING", started.pid)], "once a start"
            assert "is not encrypted" in unsafe[0]["message"]
            assert "set PUBLIC_URL=https://" in unsafe[0]["message"]
        assert {each["process"] for each in lines_of(server)} > {server.pid}
        assert f"Port {server.port} is taken" in lines_of(other)[-1]["message"]
        refused = RunningServer(tmp_path / "third", {**settings, "ALARM_QUIET_HOURS": "never"}, fresh=True)
        refused.launch()
        assert refused.wait() == 1
        assert [each["level"] for each in lines_of(refused) if "(media.E015)" in each["message"]] == ["ERROR"]
        wrong = RunningServer(tmp_path / "fourth", {**settings, "WORKERS": "many"}, fresh=True)
        wrong.launch()
        assert wrong.wait() == 1
        (said,) = lines_of(wrong)
        assert (said["level"], said["message"]) == ("CRITICAL", "Cannot start: WORKERS='many' is not a whole number.")
