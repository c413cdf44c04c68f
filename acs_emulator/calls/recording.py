"""A recording of the service, as far as an application sees it: id and state. No sound is kept: its download would
need an address of Microsoft's (ACS.md 4.2). Knows no REST."""

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any

from acs_emulator.calls.results import DONE
from acs_emulator.events.callbacks import Callbacks
from acs_emulator.events.cloud import cloud_event

if TYPE_CHECKING:
    from acs_emulator.calls.conversation import Conversation
    from acs_emulator.world import World


class Recording:
    """`callback_uri` "" tells nobody."""

    def __init__(
        self, world: "World", conversation: "Conversation", call_id: str, callback_uri: str, version: str, active: bool
    ) -> None:
        self._world, self.conversation, self._call_id = world, conversation, call_id
        self._callback_uri, self._version = callback_uri, version
        parts = {"PlatformEndpointId": call_id, "ResourceSpecificId": str(uuid.uuid4())}
        self.id = base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")
        self.started_at = world.clock.now()
        self.state = "active" if active else "inactive"
        self._callbacks = Callbacks(world, call_id, ())
        world.recordings[self.id] = self
        self._tell()

    def model(self) -> dict[str, Any]:
        """RecordingStateResponse."""
        return {"recordingId": self.id, "recordingState": self.state, "recordingKind": "azureCommunicationServices"}

    def change(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self._tell()

    def stop(self) -> None:
        self._world.recordings.pop(self.id, None)
        self.change("inactive")

    def _tell(self) -> None:
        if not self._callback_uri:
            return
        conversation = self.conversation
        source = f"calling/recordings/{conversation.server_call_id}/{self.id}/RecordingStateChanged"
        data = {
            "callConnectionId": self._call_id or None,
            "serverCallId": conversation.server_call_id,
            "correlationId": conversation.correlation_id,
            "recordingId": self.id,
            "state": self.state,
            "startDateTime": self.started_at.isoformat(),
            "recordingKind": "azureCommunicationServices",
            "resultInformation": DONE.model(),
        }
        now = self._world.clock.now()
        event = cloud_event("RecordingStateChanged", data, source=source, at=now, version=self._version)
        self._callbacks.send(self._callback_uri, event)
