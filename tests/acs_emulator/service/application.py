"""An application as its authors would write it: a web server that takes callbacks and Event Grid, and serves prompts.
Nothing of the product."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One POST: `at` (monotonic), `body` as JSON."""

    at: float
    path: str
    headers: dict[str, str]
    body: Any

    @property
    def event(self) -> dict[str, Any]:
        """The only CloudEvent of the array."""
        (event,) = self.body
        found: dict[str, Any] = event
        return found

    @property
    def kind(self) -> str:
        event = self.body[0] if isinstance(self.body, list) else self.body
        return str(event.get("type") or event.get("eventType")).rpartition(".")[2]

    @property
    def data(self) -> dict[str, Any]:
        event = self.body[0] if isinstance(self.body, list) else self.body
        found: dict[str, Any] = event["data"]
        return found


@dataclass
class Application:
    """`files`: what GET answers; `refuse`: so many callbacks get 500 first; `validates`: answers handshakes."""

    received: list[Received] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    refuse: int = 0
    validates: bool = True
    port: int = 0

    @property
    def callbacks(self) -> str:
        return f"http://127.0.0.1:{self.port}/callbacks/a-secret?key=another"

    @property
    def webhook(self) -> str:
        return f"http://127.0.0.1:{self.port}/events?key=secret"

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def of(self, kind: str, path: str = "/", **data: Any) -> list[Received]:
        return [
            received
            for received in tuple(self.received)
            if received.kind == kind
            and received.path.startswith(path)
            and all(received.data.get(name) == value for name, value in data.items())
        ]

    def kinds(self, call: str = "") -> list[str]:
        """Callbacks in order of arrival, of one call."""
        return [
            received.kind
            for received in tuple(self.received)
            if received.path.startswith("/callbacks") and call in {"", received.data["callConnectionId"]}
        ]

    def wait(self, kind: str, count: int = 1, seconds: float = 30, **data: Any) -> Received:
        """The `count`th of this kind and data."""
        end = time.monotonic() + seconds
        while len(found := self.of(kind, **data)) < count:
            assert time.monotonic() < end, f"no {kind} {data}, only {[r.kind for r in self.received]}"
            time.sleep(0.01)
        return found[count - 1]

    def none_within(self, seconds: float, kind: str, **data: Any) -> None:
        time.sleep(seconds)
        assert not self.of(kind, **data)


class _Handler(BaseHTTPRequestHandler):
    application: Application
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        received = Received(time.monotonic(), self.path, dict(self.headers), body)
        self.application.received.append(received)
        if self.application.refuse:
            self.application.refuse -= 1
            return self._answer(500)
        if received.kind == "SubscriptionValidationEvent" and self.application.validates:
            return self._answer(200, json.dumps({"validationResponse": received.data["validationCode"]}).encode())
        return self._answer(200)

    def do_OPTIONS(self) -> None:
        origin = self.headers["WebHook-Request-Origin"]
        self._answer(200, headers={"WebHook-Allowed-Origin": origin} if self.application.validates else {})

    def do_GET(self) -> None:
        content = self.application.files.get(self.path)
        self._answer(404 if content is None else 200, content or b"")

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


class Server:
    """`with Server() as application`; port 0: a free one."""

    def __init__(self, port: int = 0) -> None:
        self._port = port

    def __enter__(self) -> Application:
        application = Application()
        handler = type("Handler", (_Handler,), {"application": application})
        self._http = ThreadingHTTPServer(("127.0.0.1", self._port), handler)
        self._http.daemon_threads = True
        application.port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return application

    def __exit__(self, *failure: object) -> None:
        self._http.shutdown()
        self._http.server_close()
