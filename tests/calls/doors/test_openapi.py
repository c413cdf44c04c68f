"""The whole OpenAPI document against a running server with calls in it: what it answers is what the document says."""

from collections.abc import Iterator
from itertools import count
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.calls.doors.stand import Stand, incoming_event
from tests.faults.load import Crowd, Talker

pytestmark = pytest.mark.slow
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
API = "/api/v1"
# These are answered with 2xx in other tests: what they need is not in the document's own examples.
ELSEWHERE = {
    f"GET {API}/sessions/{{session_id}}/waveform",
    f"DELETE {API}/sessions/{{session_id}}/notes/{{note_id}}",
    f"POST {API}/calls/{{call_id}}/start-streaming",
    *(f"POST {API}/incoming/{{incoming_id}}/{action}" for action in ("answer", "reject", "redirect")),
}
LAST = ("/transfer", "/hangup")  # after these the call is over


class World:
    """What is there, so that paths lead somewhere."""

    def __init__(self, office: Stand) -> None:
        self.office = office
        over = office.connected()
        office.ask("POST", f"/calls/{over['id']}/hangup")
        self.over = office.call(over["id"], "ended")
        talker = Talker(3, 1)
        with Crowd(office.server.ws, [talker]):
            pass
        office.server._token = office.tokens["ada"]
        self.session = office.server.until_archived(talker.session_id, 60)
        chunks = office.ask("GET", f"/sessions/{self.session['id']}/chunks", who="ada").body["items"]
        self.chunk_id = chunks[0]["id"]
        self.running: dict[str, Any] = {}

    def known(self, method: str, path: str, names: list[str]) -> dict[str, Any]:
        """Values for a path's parameters."""
        facts: dict[str, Any] = {"who": "8:acs:somebody", "raw_id": "4:+15550142", "name": "a-tag", "note_id": "1"}
        facts |= {"session_id": self.session["id"], "chunk_id": self.chunk_id}
        if "incoming_id" in names:
            facts["incoming_id"] = self._ringing()
        if "call_id" in names:
            facts["call_id"] = self.over["id"] if method.upper() == "GET" else self._running()
        return {name: facts[name] for name in names}

    def _running(self) -> str:
        if not self.running or self.office.call(self.running["id"])["state"] != "connected":
            self.running = self.office.connected()
            self.office.until(lambda: self.office.call(self.running["id"])["participants"], "nobody is in it")
        return str(self.running["id"])

    def _ringing(self) -> str:
        event = incoming_event("4:+15550155")
        assert self.office.grid([event]).status == 200
        return str(self.office.rings(correlation_id=event["data"]["correlationId"])["id"])


def example_of(document: Any, operation: Any) -> Any:
    """What the document itself gives as an example of the body; None where there is no body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    for part in (schema, *schema.get("anyOf", ()), *schema.get("allOf", ())):
        if name := part.get("$ref", "").rpartition("/")[2]:
            schema = document["components"]["schemas"][name]
            break
    if not content:
        return None
    if examples := schema.get("examples"):
        return examples[0]
    return {name: field["examples"][0] for name, field in schema["properties"].items() if "examples" in field}


@pytest.fixture(scope="module")
def document(office: Stand) -> Any:
    return office.send("GET", f"{API}/openapi.json").body


def test_each_door_documents_its_refusals_and_gives_an_example(document: Any) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), where
            assert "{" not in path or "404" in operation["responses"] or "{raw_id}" in path, where
            assert operation.get("summary"), where
            example = example_of(document, operation)
            assert example is None or example, f"{where} has no example"
            if "/calls" in path and method != "get":
                assert {"409", "413", "502"} <= set(operation["responses"]), where


def probed(world: World, operation: Any, example: Any, turn: Iterator[int]) -> set[int]:
    """The statuses of a few requests, each of which is answered as documented."""
    auth = {"Authorization": f"Bearer {world.office.tokens['ada']}"}
    seen = set()

    @given(case=operation.as_strategy())
    @settings(max_examples=3, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    def check(case: Any) -> None:
        if next(turn) % 2 == 0:  # about what is there, as the document's own example has it
            case.path_parameters = world.known(operation.method, operation.path, list(case.path_parameters or {}))
            case.query = {}
            if example is not None:
                case.body = {**example, **({"announce": "welcome"} if "announce" in example else {})}
        elif isinstance(case.query, dict):
            case.query.pop("wait", None)
        answer = case.call(headers=auth)
        assert answer.status_code != 500, (operation.label, case, answer.text)
        case.validate_response(answer, checks=CHECKS)
        seen.add(answer.status_code)

    check()
    return seen


def test_it_answers_as_its_document_says(office: Stand, document: Any) -> None:
    world = World(office)
    schema = schemathesis.openapi.from_url(f"{office.server.url}{API}/openapi.json")
    operations: list[Any] = [cast(Any, result).ok() for result in schema.get_all_operations()]
    operations.sort(key=lambda one: (one.path.endswith(LAST), one.method.upper() == "DELETE"))
    seen = {}
    for operation in operations:
        example = example_of(document, document["paths"][operation.path][operation.method.lower()])
        seen[operation.label] = probed(world, operation, example, count())
    assert len(seen) > 30
    fine = {label for label, statuses in seen.items() if any(200 <= status < 300 for status in statuses)}
    assert set(seen) - fine <= ELSEWHERE, seen
