"""`python -m acs_emulator` as a person starts it: what it prints, and what it says where something is wrong."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from azure.communication.callautomation import CallAutomationClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ResourceNotFoundError

from acs_emulator.cli import main
from acs_emulator.record import read_record
from tests.acs_emulator.service.application import Application

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def started(*arguments: str) -> Iterator[dict[str, str]]:
    """The lines that it prints before `ready`."""
    command = [sys.executable, "-m", "acs_emulator", "--port", "0", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        printed: list[str] = []
        for line in process.stdout:
            if line == "ready\n":
                break
            printed.append(line.rstrip())
        yield dict(line.split("=", 1) for line in printed)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0, process.stderr.read() if process.stderr else ""
    finally:
        process.kill()
        process.communicate()


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_it_prints_what_an_application_needs(application: Application, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    with started("--events", application.webhook, "--record", str(record), "--scenario", "quiet-office") as printed:
        assert list(printed) == ["url", "key", "connection_string", "resource_id", "jwks_url", "issuer", "page"]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", printed["url"])
        assert printed["connection_string"] == f"endpoint={printed['url']}/;accesskey={printed['key']}"
        client = CallAutomationClient(printed["url"], AzureKeyCredential(printed["key"]))
        with pytest.raises(ResourceNotFoundError):
            client.get_call_connection("none").get_call_properties()
        application.wait("SubscriptionValidationEvent")
    assert read_record(record) == []


def test_it_says_that_a_port_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(capsys, "serve", "--port", str(port))
    assert f"Port {port} on 127.0.0.1 is in use" in said
    assert "--port" in said


def test_it_refuses_a_key_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'no key!' is no base64" in refused(capsys, "--port", "0", "--key", "no key!")


def test_it_lets_nobody_in_with_the_known_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert "give a --key of your own" in refused(capsys, "--port", "0", "--host", "0.0.0.0")


def test_it_names_what_is_wrong_in_a_scenario(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("seed: 1\nstreem: {}\n")
    said = refused(capsys, "--port", "0", "--scenario", str(path))
    assert "mine.yaml, line 2" in said
    assert "streem" in said
    assert "quiet-office" in refused(capsys, "--port", "0", "--scenario", "nothing")


def test_it_names_a_record_that_cannot_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, "--port", "0", "--record", str(tmp_path / "no" / "such" / "folder"))
    assert "--record" in said
