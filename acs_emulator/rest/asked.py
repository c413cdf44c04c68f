"""What an operation is given: the world, its call, and what the request said. Knows no HTTP server."""

from dataclasses import dataclass, field
from typing import Any

from acs_emulator.calls.call import Call
from acs_emulator.calls.participant import Participant
from acs_emulator.rest.body import Body
from acs_emulator.rest.errors import not_established, not_found
from acs_emulator.world import World

# JSON of the answer; None: no body.
Answered = dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """`names`: the parts of the path, decoded."""

    world: World
    body: Body
    api_version: str = ""
    names: dict[str, str] = field(default_factory=dict)

    @property
    def call(self) -> Call:
        """The call of the path, in whatever state. Raises ApiError 404."""
        call = self.world.calls.get(self.names["call"])
        if call is None:
            raise not_found("Call")
        return call

    @property
    def established(self) -> Call:
        """The call of the path. Raises ApiError 404, or 400 while nobody is in it."""
        if not (call := self.call).is_established:
            raise not_established()
        return call

    def member(self, call: Call, raw_id: str) -> Participant:
        """Raises ApiError 404."""
        person = call.conversation.find(raw_id)
        if person is None:
            raise not_found("Participant")
        return person
