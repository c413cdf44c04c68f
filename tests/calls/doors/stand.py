"""A whole installation with its ACS: server, PostgreSQL, the emulator, and a gateway between that can fail; people
with tokens. Everything a process or a thread of its own."""

import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from acs_emulator.testing import Emulator, emulator
from acs_emulator.tokens import JWKS_PATH
from calls import signed_urls
from tests import template
from tests.calls.doors.gateway import Gateway, gateway
from tests.calls.doors.gateway import answer as answering
from tests.database import Database, database
from tests.faults.installation import Installation

T = TypeVar("T")
EVENTS_KEY = "key-of-event-grid"
OWN_NUMBER = "+15550199"
QUIET = """
participants:
  "+15550101": {answers: busy}
  "8:acs:slow*": {answers: 90s, says: []}
  "8:acs:brief*": {answers: 200ms, leaves: 2s, says: []}
  "*": {answers: 200ms, says: []}
stream: {silence: missing}
"""
PEOPLE = """
from django.contrib.auth.models import Group, User
from calls.models import AnswerRule, ApiToken, Prompt
Prompt.objects.create(name="welcome", wav=b"RIFF....WAVE", duration_ms=100)
AnswerRule.objects.create(called="+15550177", channels="mixed", sample_rate=24000, then_add=["8:acs:agent"])
AnswerRule.objects.create(called="+15550176", announce="Needs a speech service that is not there.")
AnswerRule.objects.create(called="*", enabled=False)
for name, group in (("olga", "Operator"), ("sven", "Supervisor"), ("ada", "Administrator"), ("otto", None)):
    user, _ = User.objects.get_or_create(username=name)
    if group:
        user.groups.add(Group.objects.get(name=group))
    print(f"{name}={ApiToken.make(user)[1]}")
"""


class Answer(NamedTuple):
    """`body`: its JSON, or the text where it is none; header names in lower case."""

    status: int
    body: Any
    headers: dict[str, str]


class Stand:
    """`ask` is a request to the REST API, `post` one to the doors for ACS."""

    def __init__(self, server: Installation, acs: Emulator, way: Gateway, database: Database) -> None:
        self.server, self.acs, self.way, self.database = server, acs, way, database
        self.tokens: dict[str, str] = {}
        self.secrets: set[str] = set()

    def give_tokens(self) -> None:
        said = self.server.manage("shell", "-c", PEOPLE)
        self.tokens = dict(line.split("=", 1) for line in said.stdout.split() if "=" in line)
        assert set(self.tokens) == {"olga", "sven", "ada", "otto"}, said.stdout + said.stderr

    def ask(
        self, method: str, path: str, body: Any = None, who: str = "olga", headers: Mapping[str, str] | None = None
    ) -> Answer:
        known = {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        return self.send(method, f"/api/v1{path}", body, {**known, **(headers or {})})

    def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, seconds: float = 60
    ) -> Answer:
        """`body`: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if content is not None else {}
        url = path if path.startswith("http") else self.server.url + path
        request = urllib.request.Request(url, content, {**kind, **(headers or {})}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                status, text, raw = answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as refusal:
            with refusal:
                status, text, raw = refusal.code, refusal.read(), refusal.headers
        return Answer(status, _json(text), {name.lower(): value for name, value in raw.items()})

    def send_too_much(self, path: str, declared: bool = True) -> Answer:
        """A POST of more than 1 MiB, its length declared or not; the server need not read to the end."""
        wire = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        with suppress(ConnectionError):
            headers = {"Authorization": f"Bearer {self.tokens['olga']}"}
            headers |= {"Content-Length": str(17 << 16)} if declared else {}
            wire.request("POST", path, iter([b"[" + b" " * 65_535] * 17), headers, encode_chunked=not declared)
        answer = wire.getresponse()
        found = Answer(answer.status, _json(answer.read()), {name.lower(): it for name, it in answer.headers.items()})
        wire.close()
        return found

    def place(self, to: str = "8:acs:somebody", **options: Any) -> dict[str, Any]:
        placed = self.ask("POST", "/calls", {"to": [to], **options})
        assert placed.status == 201, placed
        found: dict[str, Any] = placed.body
        return found

    def ringing(self, **options: Any) -> dict[str, Any]:
        """A call that only the server knows: the emulator never heard of it, so no event comes but the test's own."""
        connection = str(uuid.uuid4())
        accepted = {"callConnectionId": connection, "serverCallId": f"server-{connection}", "targets": []}
        accepted |= {"callConnectionState": "connecting", "correlationId": f"correlation-{connection}"}
        with self.way.being(answering(201, json.dumps(accepted).encode())):
            call = self.place(**options)
        assert (call["state"], call["call_connection_id"]) == ("ringing", connection)
        return call

    def post(
        self, call_id: str, *events: Any, body: bytes | None = None, jwt: str | None = "", token: str = ""
    ) -> Answer:
        """A callback of that call, as ACS posts it; `events` alone or several, or any `body`; jwt=None: none."""
        token = token or signed_urls.sign(signed_urls.CALLBACKS, uuid.UUID(call_id))
        jwt = self.acs.world.tokens.for_callback() if jwt == "" else jwt
        self.secrets |= {token, *([jwt] if jwt else [])}
        content: Any = body if body is not None else list(events)
        headers = {"Content-Type": "application/cloudevents+json"}
        headers |= {"Authorization": f"Bearer {jwt}"} if jwt else {}
        return self.send("POST", f"/acs/callbacks/{token}", content, headers)

    def call(self, call_id: str, wait: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/calls/{call_id}{f'?wait={wait}' if wait else ''}").body
        return found

    def connected(self, to: str = "8:acs:somebody", **options: Any) -> dict[str, Any]:
        call = self.call(self.place(to, **options)["id"], "connected")
        assert call["state"] == "connected", call
        return call

    def events(self, call_id: str) -> list[dict[str, Any]]:
        """Oldest first."""
        items: list[dict[str, Any]] = self.ask("GET", f"/calls/{call_id}/events?limit=200").body["items"]
        return items[::-1]

    def kinds(self, call_id: str) -> list[str]:
        return [event["kind"] for event in self.events(call_id)]

    def order(self, what: str, **fields: Any) -> Any:
        """Something done by hand at the emulator."""
        done = self.send("POST", f"{self.acs.url}/emulator/{what}", fields)
        assert done.status == 200, done
        return done.body

    def grid(self, content: Any, key: str | None = EVENTS_KEY, headers: Mapping[str, str] | None = None) -> Answer:
        """A POST as of Event Grid."""
        query = "" if key is None else f"?key={key}"
        return self.send("POST", f"/acs/events{query}", content, headers)

    def rings(self, **wanted: Any) -> dict[str, Any]:
        """The newest incoming call with these facts, as soon as it is there."""

        def look() -> Any:
            items = self.ask("GET", "/incoming?limit=100").body["items"]
            return next((row for row in items if all(row[name] == value for name, value in wanted.items())), None)

        found: dict[str, Any] = self.until(look, f"no incoming call {wanted}")
        return found

    def until(self, found: Callable[[], T], what: object, seconds: float = 15) -> T:
        """What it finds, as soon as that is something."""
        end = time.monotonic() + seconds
        while not (value := found()):
            assert time.monotonic() < end, f"{what}: {value}\n{self.server.output()[-3000:]}"
            time.sleep(0.05)
        return value

    def fault(self, **fault: Any) -> None:
        """One more fault of the emulator: `rest=…` or `event=…` as in a scenario."""
        self.order("faults", **fault)

    def no_faults(self) -> None:
        def clear(world: Any) -> None:
            world.scenario.file.rest = world.scenario.file.events = ()
            world.scenario._hits.clear()

        self.acs.do(clear)


def cloud_event(call: Mapping[str, Any], kind: str, event_id: str = "", **data: Any) -> dict[str, Any]:
    """A CloudEvent of that call, as ACS writes them today."""
    connection = call["call_connection_id"]
    return {
        "id": event_id or str(uuid.uuid4()),
        "source": f"calling/callConnections/{connection}",
        "type": f"Microsoft.Communication.{kind}",
        "data": {"callConnectionId": connection, "correlationId": call["correlation_id"], **data},
        "time": "2026-11-26T05:00:00.1234567+00:00",
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "subject": f"calling/callConnections/{connection}",
    }


def incoming_event(called: str, event_id: str = "", **data: Any) -> dict[str, Any]:
    """An IncomingCall in Event Grid's own schema; `called` is a raw id."""
    facts = {"to": {"rawId": called}, "from": {"rawId": "4:+15550142"}, "incomingCallContext": "a-context"}
    facts |= {"callerDisplayName": "Cleo", "serverCallId": "server", "correlationId": str(uuid.uuid4()), **data}
    event = {"id": event_id or str(uuid.uuid4()), "eventType": "Microsoft.Communication.IncomingCall", "data": facts}
    return {**event, "subject": "", "eventTime": datetime.now(UTC).isoformat(), "dataVersion": "1.0"}


def people_event(call: Mapping[str, Any], sequence: int, *raw_ids: str) -> dict[str, Any]:
    people = [{"identifier": {"rawId": raw_id}, "isMuted": False, "isOnHold": False} for raw_id in raw_ids]
    return cloud_event(call, "ParticipantsUpdated", participants=people, sequenceNumber=sequence)


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode(errors="replace")


def settings_of(acs: Emulator, way: Gateway, data: Database) -> dict[str, str | None]:
    return {
        "DATABASE_URL": data.url,
        "ACS_ENDPOINT": way.url,
        "ACS_ACCESS_KEY": acs.key,
        "ACS_CALLER_ID": OWN_NUMBER,
        "ACS_EVENTS_KEY": EVENTS_KEY,
        "ACS_RESOURCE_ID": f"00000000-0000-0000-0000-000000000000, {acs.world.resource_id}",
        "ACS_JWKS_URL": acs.url + JWKS_PATH,
        "API_RATE": "1000000",
        "CHUNK_SECONDS": "2",
    }


@contextmanager
def stand(folder: Path, scenario: str = QUIET, **settings: str | None) -> Iterator[Stand]:
    """Not started yet: `server.start()`, then `give_tokens()`."""
    with ExitStack() as stack:
        acs = stack.enter_context(emulator(scenario))
        way = stack.enter_context(gateway(acs.url))
        template.copy_to(folder / "database")
        data = stack.enter_context(database(folder / "database"))
        server = Installation(folder / "var", {**settings_of(acs, way, data), **settings})
        stack.callback(server.kill)
        yield Stand(server, acs, way, data)
