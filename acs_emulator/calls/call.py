"""A call as one application sees it: its leg of a conversation, with its own id, state, callbacks and media sockets.
What may be done to it is in the modules beside this one. Knows no HTTP server."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from acs_emulator.calls.actions import Actions
from acs_emulator.calls.identifiers import is_user, model_of
from acs_emulator.calls.lifecycle import State, may_follow
from acs_emulator.calls.options import CallOptions, Operation
from acs_emulator.calls.results import DONE, ENDED, TERMINATED, Result
from acs_emulator.events.callbacks import Callbacks
from acs_emulator.events.cloud import cloud_event
from acs_emulator.media import LiveVoice, Stream, Talker, Together, TranscriptionStream

if TYPE_CHECKING:
    from acs_emulator.calls.conversation import Conversation
    from acs_emulator.world import World

# CallConnected does not wait longer for the media socket, which is dialled before it is reported (ACS.md 5.3).
SOCKET_HEAD_START = 1.0

# What the application has said and not yet been heard of: it may send minutes at once (ACS.md 3).
APPLICATION_LIMIT_MS = 600_000


class Call:
    """One leg. `facts`: what only its kind of call has among its properties (`sourceCallerIdNumber`, `answeredBy`…).
    `people`: with whom it is, or the id of a group or room; by these a scenario knows it. `prompted`: who hears the
    prompts; empty: all."""

    def __init__(
        self,
        world: "World",
        conversation: "Conversation",
        options: CallOptions,
        people: Sequence[str] = (),
        *,
        own_id: str = "",
        listed: bool = False,
    ) -> None:
        self.world, self.conversation, self.options, self.people = world, conversation, options, tuple(people)
        self.call_connection_id = str(uuid.uuid4())
        self.own_id = own_id or world.new_user()
        self.state: State = "connecting"
        self.targets: list[str] = []
        self.facts: dict[str, Any] = {}
        self.application = LiveVoice(world.ticker, limit_ms=APPLICATION_LIMIT_MS)
        self.prompts, self.prompted = LiveVoice(world.ticker), frozenset[str]()
        self.voice = Together(self.application, self.prompts)
        self.actions = Actions(self)
        self.stream = Stream(self, options.media, world) if options.media else None
        self.transcription = TranscriptionStream(self, options.transcription, world) if options.transcription else None
        self.streaming_operation = self.transcription_operation = Operation(options.operation_context)
        self._callbacks = Callbacks(world, self.call_connection_id, self.people)
        self._sequence = 0
        self._answered = False
        self._until_connected: list[Callable[[], None]] = []
        self.me = conversation.join_application(self, listed and is_user(self.own_id))
        world.calls[self.call_connection_id] = self

    @property
    def correlation_id(self) -> str:
        return self.conversation.correlation_id

    @property
    def is_established(self) -> bool:
        return self.state in {"connected", "transferring", "transferAccepted"}

    def properties(self, *, fresh: bool = False) -> dict[str, Any]:
        """CallConnectionProperties; `fresh`: as the answer of create and answer, which lack serverCallId (ACS.md
        4.4)."""
        found: dict[str, Any] = {
            "callConnectionId": self.call_connection_id,
            "targets": [model_of(target) for target in self.targets],
            "callConnectionState": self.state,
            "callbackUri": self.options.callback_uri,
            "correlationId": self.correlation_id,
            **self.facts,
        }
        if not fresh:
            found["serverCallId"] = self.conversation.server_call_id
        if self.stream:
            about = {"id": self.stream.subscription_id, "state": self.stream.state}
            found["mediaStreamingSubscription"] = about | {"subscribedContentTypes": ["audio"]}
            if self.options.api_version.startswith("2022"):
                found["mediaSubscriptionId"] = self.stream.subscription_id
        if self.transcription:
            kinds = ["final", *(["intermediate"] if self.transcription.options.intermediate else [])]
            about = {"id": self.transcription.subscription_id, "state": self.transcription.state}
            about |= {"locale": self.transcription.locale}
            found["transcriptionSubscription"] = about | {"subscribedResultTypes": kinds}
        return found

    def emit(self, kind: str, result: Result | None = DONE, operation: Operation | None = None, **facts: Any) -> None:
        """A callback event; with an operation, in its context and to its address. Nothing comes after CallDisconnected,
        also of an operation that ends later (ACS.md 5.2)."""
        if self.state == "disconnected":
            return
        data = {
            "callConnectionId": self.call_connection_id,
            "serverCallId": self.conversation.server_call_id,
            "correlationId": self.correlation_id,
            "operationContext": operation.context if operation else None,
            "resultInformation": result.model() if result else None,
            **facts,
        }
        source = f"calling/callConnections/{self.call_connection_id}"
        event = cloud_event(kind, data, source=source, at=self.world.clock.now(), version=self.options.api_version)
        self._callbacks.send((operation.callback_uri if operation else "") or self.options.callback_uri, event)

    def move(self, following: State) -> bool:
        """False where that state cannot follow this one."""
        if not may_follow(self.state, following):
            return False
        self.state = following
        self.world.journal.write("call_state", call_connection_id=self.call_connection_id, state=following)
        return True

    async def connect(self) -> None:
        """Somebody is there: the media socket first, then ParticipantsUpdated, CallConnected, and what the sockets
        had to report meanwhile."""
        self._answered = True
        dialling = [
            self.world.spawn(stream.start(), "media socket")
            for stream in (self.stream, self.transcription)
            if stream and stream.options.start
        ]
        if dialling:
            await asyncio.wait(dialling, timeout=SOCKET_HEAD_START)
        self._connected()

    def _connected(self) -> None:
        if not self.move("connected"):
            return
        self.participants_changed()
        self.emit("CallConnected", DONE, Operation(self.options.operation_context))
        for report in self._until_connected:
            report()
        self.conversation.connected()

    def end(self, result: Result = ENDED, failure: str = "") -> None:
        """Ends this leg: `failure` is the event that says so of a call that never came about. One that was answered
        was connected, also if its socket is still being dialled."""
        if self._answered:
            self._connected()
        if self.move("disconnecting"):
            if len(self.conversation.legs) == 1:
                for invitation in self.conversation.ringing:
                    invitation.settle("cancelled")
            self.world.spawn(self._end(result, failure), f"end of {self.call_connection_id}")

    async def silence(self) -> None:
        """Ends sockets and callbacks and tells nobody."""
        self._callbacks.close()
        self.actions.cancel_all(TERMINATED)
        await self._stop_streams("the emulator ends")

    def talkers(self) -> Sequence[Talker]:
        return self.conversation.heard_by(self.me)

    def hears_from(self, tick: int) -> None:
        """Who has answered speaks once the application can hear it: so nothing is lost while its socket opens, and the
        same scenario gives the same frames."""
        if self.conversation.began is None:
            for talker in self.talkers():
                talker.joined_tick = tick

    def participants_changed(self) -> None:
        if self.state not in {"connected", "transferring"}:
            return
        self._sequence += 1
        people = [person.model() for person in self.conversation.listed]
        self.emit("ParticipantsUpdated", DONE, participants=people, sequenceNumber=self._sequence)

    def key_pressed(self, raw_id: str, key: str) -> None:
        if self.stream:
            self.stream.tone(raw_id, key)
        self.actions.key_pressed(raw_id, key)

    def streaming_changed(self, status: str, details: str, code: int, sub_code: int, message: str) -> None:
        update = {"contentType": "audio", "mediaStreamingStatus": status, "mediaStreamingStatusDetails": details}
        operation = self.streaming_operation
        kind = status[:1].upper() + status[1:]
        self._report(lambda: self.emit(kind, Result(code, sub_code, message), operation, mediaStreamingUpdate=update))

    def transcription_changed(self, status: str, details: str, code: int, sub_code: int, message: str) -> None:
        update = {"transcriptionStatus": status, "transcriptionStatusDetails": details}
        operation = self.transcription_operation
        kind = status[:1].upper() + status[1:]
        self._report(lambda: self.emit(kind, Result(code, sub_code, message), operation, transcriptionUpdate=update))

    def _report(self, report: Callable[[], None]) -> None:
        if self.state == "connecting":
            self._until_connected.append(report)
        else:
            report()

    async def _end(self, result: Result, failure: str) -> None:
        self.actions.cancel_all(TERMINATED)
        await self._stop_streams("the call ended")
        operation = Operation(self.options.operation_context)
        if failure:
            self.emit(failure, result, operation)
        self.emit("CallDisconnected", result, operation)
        self.move("disconnected")
        self.world.calls.pop(self.call_connection_id, None)
        self.conversation.leave(self.me)

    async def _stop_streams(self, reason: str) -> None:
        for stream in (self.stream, self.transcription):
            if stream:
                await stream.stop(reason)
