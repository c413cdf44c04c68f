"""Somebody in a conversation: a person of the scenario, a microphone, or an application. Knows no REST and no
events."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from acs_emulator.calls.identifiers import model_of
from acs_emulator.media import Talker

if TYPE_CHECKING:
    from acs_emulator.calls.call import Call


@dataclass(slots=True, eq=False)
class Participant:
    """`call`: the leg of an application. `listed`: whether the service names it among the participants; an application
    without an identity that somebody could call is not [?]. `pressed`: keys so far, by each press its number.
    `music`: whom they hear while on hold."""

    talker: Talker
    call: "Call | None" = None
    listed: bool = True
    pressed: list[str] = field(default_factory=list)
    music: Talker | None = None

    @property
    def raw_id(self) -> str:
        return self.talker.raw_id

    def heard_by(self, raw_id: str) -> Talker:
        """The talker, without the prompts that an application plays to others alone."""
        if self.call and self.call.prompted and raw_id not in self.call.prompted:
            return replace(self.talker, voice=self.call.application)
        return self.talker

    def model(self) -> dict[str, Any]:
        """A `CallParticipant`."""
        return {
            "identifier": model_of(self.raw_id),
            "isMuted": self.talker.muted,
            "isOnHold": self.talker.on_hold,
        }
