"""The server and the emulator that all stories are told with: what a story may ask of either. Knows no story."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

from acs_emulator.calls.call import Call as Leg
from acs_emulator.calls.conversation import Conversation
from acs_emulator.testing import Emulator
from acs_emulator.world import World
from media.sessions.identity import session_of_call
from tests.faults.installation import Installation

Shape = dict[str, Any]
LOOK_SECONDS = 0.7
PATIENCE = 60.0  # of what comes in seconds on a machine with nothing else to do


class Refused(AssertionError):
    """The API said no: `status` and `detail`."""

    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(f"{status}: {detail}")
        self.status, self.detail = status, detail


class Stage:
    """`server` runs for the whole test run, `acs` in a thread beside it."""

    def __init__(self, server: Installation, acs: Emulator) -> None:
        self.server, self.acs = server, acs

    # --- the API -----------------------------------------------------------------------------------------------------

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, body: Shape | None = None, method: str = "POST") -> Shape:
        """Raises Refused."""
        found: Shape = self._ask(method, path, {} if body is None else body)
        return found

    def call(self, call_id: str) -> Shape:
        found: Shape = self.get(f"/calls/{call_id}")
        return found

    def events(self, call_id: str) -> list[Shape]:
        """Oldest first."""
        newest_first: list[Shape] = self.get(f"/calls/{call_id}/events?limit=200")["items"]
        return list(reversed(newest_first))

    def kinds(self, call_id: str) -> list[str]:
        return [event["kind"] for event in self.events(call_id)]

    def reached(self, call_id: str, what: str) -> Shape:
        """The call when it is `connected` or `ended`; as it is after PATIENCE."""
        found: Shape = self.get(f"/calls/{call_id}?wait={what}")
        return found

    def session(self, call_id: str) -> Shape:
        """The session of a call."""
        return self.server.session(session_of_call(uuid.UUID(call_id)))

    def until(self, ask: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """What `ask` answers, once it is true."""
        end = time.monotonic() + seconds
        while not (found := ask()):
            assert time.monotonic() < end, f"{what} not within {seconds:.0f} s"
            time.sleep(LOOK_SECONDS)
        return found

    def until_session(self, call_id: str, **facts: Any) -> Shape:
        """The session once it has these facts."""
        last: Shape = {}

        def is_so() -> bool:
            last.update(self.session(call_id))
            return all(last[name] == value for name, value in facts.items())

        try:
            self.until(is_so, f"session with {facts}")
        except AssertionError as late:
            raise AssertionError(f"{late}: {last}; {self.kinds(call_id)}") from None
        return last

    def until_kind(self, call_id: str, kind: str, count: int = 1) -> list[Shape]:
        """The call's events once that kind came so often."""
        try:
            self.until(lambda: self.kinds(call_id).count(kind) >= count, f"{count} {kind}")
        except AssertionError as late:
            raise AssertionError(f"{late}: {self.kinds(call_id)}") from None
        return self.events(call_id)

    def _ask(self, method: str, path: str, body: Shape | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.server.token()}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.server.url}/api/v1{path}", content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE + 30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode(errors="replace")[:500]) from None
        return json.loads(text) if text else {}

    # --- the other side ----------------------------------------------------------------------------------------------

    def conversation(self, call_id: str) -> Conversation:
        """What people mean by this call; while it runs."""
        connection_id = self.call(call_id)["call_connection_id"]
        found: Conversation = self.acs.do(lambda world: _leg(world, connection_id).conversation)
        return found

    def answer(self, call_id: str, who: str) -> None:
        """Somebody whose telephone rings, and who does not answer by themselves, does."""
        self.acs.wait_for("ringing", who=f"4:{who}")
        conversation = self.conversation(call_id)
        self.acs.do(lambda _: [one.settle("answered") for one in conversation.ringing if one.target == f"4:{who}"])

    def press(self, call_id: str, who: str, keys: str) -> None:
        """Somebody in the call presses keys."""
        conversation = self.conversation(call_id)
        person = conversation.find(f"4:{who}")
        assert person, f"{who} is not in the call"
        for key in keys:
            self.acs.do(lambda _, key=key: conversation.press(person, key))  # type: ignore[misc]

    def leave(self, call_id: str, who: str) -> None:
        """Somebody hangs up."""
        conversation = self.conversation(call_id)

        def hang_up(world: World) -> None:
            person = conversation.find(who if ":" in who else f"4:{who}")
            assert person, f"{who} is not in the call"
            conversation.leave(person)

        self.acs.do(hang_up)


def _leg(world: World, call_connection_id: str) -> Leg:
    return world.calls[call_connection_id]
