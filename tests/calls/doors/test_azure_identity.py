"""No key is set: an Azure identity is shown to ACS, over https, as on Azure's own machines; or a sentence says that
there is none."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from tests.acs_emulator.started import started
from tests.serving import RunningServer

ASK = """
from calls import acs, event_loop
from calls.errors import AcsFailed
async def ask():
    print("FOUND", await acs.properties("nobody"))
    try:
        await acs.hang_up("nobody", True)
    except AcsFailed as failed:
        print("FAILED", failed.acs_status, failed)
try:
    event_loop.wait(ask())
except AcsFailed as failed:
    print("FAILED", failed.acs_status, failed)
event_loop.close()
"""


@contextmanager
def a_managed_identity() -> Iterator[tuple[str, list[str]]]:
    """What App Service and Container Apps give to their machines: the address, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers['X-IDENTITY-HEADER']}")
            token = {"access_token": "a-token", "expires_on": "4102444800", "resource": "r", "token_type": "Bearer"}
            body = json.dumps(token).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_port}/msi/token", asked
    finally:
        http.shutdown()
        http.server_close()


def said(folder: Path, **environment: str) -> str:
    """What a process of the installation says when it asks ACS."""
    ended = RunningServer(folder / "var", {**environment, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/x"}).manage(
        "shell", "--no-imports", "-c", ASK
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_it_shows_the_identity_of_the_machine(tmp_path: Path) -> None:
    environment = {**os.environ, "VAR_DIR": str(tmp_path / "emulator")}
    with started("--tls", "--identity-tokens", environment=environment) as acs, a_managed_identity() as (url, asked):
        trust = {"SSL_CERT_FILE": acs["SSL_CERT_FILE"].strip("'")}
        words = said(tmp_path, ACS_ENDPOINT=acs["url"], IDENTITY_ENDPOINT=url, IDENTITY_HEADER="secret", **trust)
    assert "FOUND None" in words
    assert "FAILED 404" in words
    assert len(asked) == 1, "a token is used until it expires"
    assert "resource=https://communication.azure.com" in unquote(asked[0])
    assert asked[0].endswith(" secret")


def test_it_says_that_there_is_none(tmp_path: Path) -> None:
    with a_managed_identity() as (url, _):
        pass  # gone again
    nowhere = {"IDENTITY_ENDPOINT": url, "IDENTITY_HEADER": "secret", "PATH": str(tmp_path)}
    words = said(tmp_path, ACS_ENDPOINT="https://127.0.0.1:1", **nowhere)
    assert "FAILED None This server has no Azure identity to show to ACS. Set ACS_ACCESS_KEY" in words
