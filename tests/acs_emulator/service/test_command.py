"""`python -m acs_emulator` as a person starts it: what it prints, and what it says where something is wrong."""

import asyncio
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from azure.communication.callautomation import CallAutomationClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ResourceNotFoundError

from acs_emulator.cli import main
from acs_emulator.record import read_record
from acs_emulator.server import reachable, serving
from acs_emulator.world import World
from tests.acs_emulator.service.application import Application, Server
from tests.acs_emulator.service.plain import ask
from tests.acs_emulator.started import ROOT, started


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


async def test_its_url_can_be_reached() -> None:
    async with serving(World(key="b3VyIG93bg=="), "0.0.0.0") as url:
        assert url.startswith("http://127.0.0.1:")
        assert (await asyncio.to_thread(ask, url, "GET", "/emulator/state")).json["url"] == url
    assert [reachable(host) for host in ("::", "::1", "localhost")] == ["[::1]", "[::1]", "localhost"]


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


def test_it_tells_until_when_a_webhook_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as later:
        port = later.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "acs_emulator",
        "--port",
        "0",
        "--events",
        f"http://127.0.0.1:{port}/hook?key=secret",
    ]
    emulator = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert emulator.stderr
        first = emulator.stderr.readline()
        assert f"No handshake with http://127.0.0.1:{port}/… yet: 127.0.0.1:{port} cannot be reached" in first
        assert "trying again" in first
        with Server(port) as application:
            second = emulator.stderr.readline()
            assert "has subscribed" in second
            assert application.of("SubscriptionValidationEvent")
        assert "secret" not in first + second
    finally:
        emulator.terminate()
        assert emulator.wait(30) == 0
        emulator.communicate()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--events 127.0.0.1:8000/x", "--events 127.0.0.1:8000/x is no http://"),
        ("--events http://a.example:99999/", "is no http://"),
        ("--record-audio", "--record-audio does nothing without --record FILE"),
        ("--cloud-events", "--cloud-events does nothing without --events URL"),
        ("--port 99999", "Nothing can listen at 127.0.0.1, port 99999: ports are 0 to 65535."),
        ("--host 203.0.113.7 --key abcd", "port 0: cannot assign requested address"),
    ],
)
def test_it_refuses_what_cannot_be(capsys: pytest.CaptureFixture[str], arguments: str, words: str) -> None:
    assert words in refused(capsys, "--port", "0", *arguments.split())


TRUSTING = """
import asyncio, sys, time
from azure.communication.callautomation import CallAutomationClient, PhoneNumberIdentifier, aio
from azure.core.credentials import AccessToken

class Identity:
    def get_token(self, *scopes, **options):
        return AccessToken("of-an-identity", int(time.time()) + 3600)

class LaterIdentity(Identity):
    async def get_token(self, *scopes, **options):
        return Identity.get_token(self)

    async def close(self):
        pass

string, url, callbacks = sys.argv[1:]
ada, ours = PhoneNumberIdentifier("+15550100"), PhoneNumberIdentifier("+15550199")

async def later(client):
    async with client:
        return await client.create_call(ada, callbacks, source_caller_id_number=ours)

placed = [
    CallAutomationClient.from_connection_string(string).create_call(ada, callbacks, source_caller_id_number=ours),
    CallAutomationClient(url, Identity()).create_call(ada, callbacks, source_caller_id_number=ours),
    asyncio.run(later(aio.CallAutomationClient.from_connection_string(string))),
    asyncio.run(later(aio.CallAutomationClient(url, LaterIdentity()))),
]
print(*(call.call_connection_state for call in placed))
"""


def test_programs_work_unchanged_over_tls(application: Application, tmp_path: Path) -> None:
    """The SDK makes https of every connection string, and gives an Azure identity's token to https alone; its lines
    make a Python program trust the emulator."""
    arguments = ("--tls", "--identity-tokens")
    with started(*arguments, environment={**os.environ, "VAR_DIR": str(tmp_path)}) as printed:
        assert printed["url"].startswith("https://")
        trusting = {name: printed[name] for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")}
        command = [sys.executable, "-c", TRUSTING, printed["connection_string"], printed["url"], application.callbacks]
        environment = {**os.environ, **trusting}
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=60)
        assert done.stdout == "connecting connecting connecting connecting\n", done.stderr
        application.wait("CallConnected", 4)
