"""One media streaming subscription of one call: dials the application, sends metadata and paced frames, takes audio
back, and dials again when the socket is lost."""

import asyncio
from collections.abc import Callable

import msgspec

from acs_emulator.media import messages
from acs_emulator.media.composing import Composer
from acs_emulator.media.connection import LARGEST_BACKLOG, Connection, new_id, note_failure, open_connection
from acs_emulator.media.faults import TICKS_PER_SECOND, Faults, name_of, stall_ticks
from acs_emulator.media.options import StreamOptions
from acs_emulator.media.redialling import Redialling
from acs_emulator.media.returning import Returning
from acs_emulator.media.seams import StreamedCall, StreamWorld
from acs_emulator.media.socket import DialFailed, Socket
from acs_emulator.media.sounds import frame_bytes
from acs_emulator.scenario.schema import DropSocket, Send, Stall, StreamFault

# What the service says (ACS.md 1 and 5.3). Which words it uses for a lost socket is not documented.
DONE = (200, 0, "Action completed successfully.")
UNREACHABLE = (400, 8581, "Action failed, Transport url is not valid or web socket server is not operational.")
LOST = (500, 8603, "Media Streaming Failed.")

Post = Callable[[Connection], None]


class Stream:
    """Made when the subscription is; `start` and `stop` follow the call and the application's wishes, also repeatedly.

    subscription_id: as in the REST answers and the metadata; state: `inactive` or `active` (while a socket is open).
    """

    def __init__(self, call: StreamedCall, options: StreamOptions, world: StreamWorld) -> None:
        self.call, self.options, self.world = call, options, world
        self.subscription_id = new_id()
        plan, purpose = world.scenario.stream(call.people), world.scenario.next_stream()
        self._plan = plan
        self._faults = Faults(plan.faults, world.scenario.random(f"{purpose} faults"))
        self._composer = Composer(options, plan, world.clock, world.scenario.random(f"{purpose} stamps"))
        self._returning = Returning(call.application, options.rate, options.bidirectional, world.journal)
        self._connection: Connection | None = None
        self._wanted = False
        self._starting = asyncio.Lock()
        self._redialling = Redialling(plan, self._dial_again, self._not_reached)
        self._dials = 0
        self._first_tick: int | None = None
        self._metadata_tick: int | None = None
        self._stalled_until = -1
        self._held: list[Post] | None = None
        self._unnoticed = False
        self._vanished: list[Socket] = []  # kept, or the system would end them

    @property
    def state(self) -> str:
        return "active" if self._connection or self._unnoticed else "inactive"

    async def start(self) -> None:
        """Dials; returns when the socket is open and metadata sent, or dialling failed (reported to the call either
        way). Frames then follow by themselves until `stop`."""
        self._wanted = True
        self._redialling.give_up()
        async with self._starting:
            if self._connection or self._unnoticed or not self._wanted:
                return
            try:
                await self._dial()
            except DialFailed as failed:
                note_failure(self.call, self.options.transport_url, self.world, failed)
                if self._wanted:
                    details = "initialWebSocketConnectionFailed"
                    self.call.streaming_changed("mediaStreamingFailed", details, *UNREACHABLE)
            else:
                self.call.streaming_changed("mediaStreamingStarted", "subscriptionStarted", *DONE)

    async def stop(self, reason: str) -> None:
        """Closes the socket (1000) and reports mediaStreamingStopped; does nothing where nothing runs."""
        was_wanted, self._wanted, self._unnoticed = self._wanted, False, False
        self._redialling.give_up()
        connection, self._connection = self._connection, None
        self.world.ticker.remove(self._tick)
        if connection:
            await connection.socket.close(1000)
            connection.ended(1000, reason, "emulator")
        if connection or was_wanted:
            self.call.streaming_changed("mediaStreamingStopped", "subscriptionStopped", *DONE)

    def tone(self, raw_id: str, tone: str) -> None:
        """A participant pressed a key (`0`–`9`, `*`, `#`, `a`–`d`): DtmfData, when the options asked for it."""
        if self.options.dtmf and self._connection:
            stamp = self.world.clock.iso()
            text = messages.dtmf(self._plan.messages, stamp, raw_id, tone)
            self._post(lambda connection: connection.other("DtmfData", text, lane=raw_id, stamp=stamp))

    def inject(self, fault: StreamFault) -> None:
        """A fault from now on; its `at` counts from this moment."""
        self._faults.add(fault, self._step(self.world.ticker.number))

    async def _dial(self) -> None:
        """Raises DialFailed."""
        self._dials += 1
        if self._plan.refuse < 0 or self._dials <= self._plan.refuse:
            self._note_fault("refuse", {"dial": self._dials})
            raise DialFailed("the scenario refuses this dial")
        call, url = self.call, self.options.transport_url
        connection = await open_connection(call, url, self.subscription_id, self.world, self._heard, self._broken)
        if not self._wanted or self._connection:
            await connection.socket.close(1000)
            connection.ended(1000, "stopped while dialling", "emulator")
            raise DialFailed("streaming was stopped while the socket opened")
        self._connection, self._held = connection, None
        ticker = self.world.ticker
        if self._first_tick is None:
            self._first_tick = ticker.number + 1
            self._composer.begin()
            call.hears_from(self._first_tick)
        self._metadata_tick = self._step(ticker.number) + round(self._plan.metadata_after * TICKS_PER_SECOND)
        if not self._plan.metadata_after:
            self._metadata(connection)
        ticker.add(self._tick)

    def _step(self, tick: int) -> int:
        """Ticks since the first socket opened."""
        return 0 if self._first_tick is None else tick - self._first_tick

    def _tick(self, tick: int) -> None:
        step = self._step(tick)
        if step < 0:
            return
        for fault in self._faults.begins(step):
            self._strike(fault, step)
        if self._held is not None and step >= self._stalled_until:
            held, self._held = self._held, None
            for post in held:
                self._post(post)
        if self._metadata_tick is not None and step >= self._metadata_tick:
            self._post(self._metadata)
        frames = self._composer.frames(self.call.talkers(), tick, step, self._faults.stamps_off_ns)
        for frame in self._faults.weather(frames, step):
            self._post(lambda connection, frame=frame: connection.audio(frame))  # type: ignore[misc]
        self._returning.answer_marks(self._answer)
        if self._connection:
            self._connection.socket.flush()
            if self._connection.socket.backlog > LARGEST_BACKLOG:
                self._connection.socket.abort()
                self._lose("the application does not read", None, "emulator")

    def _post(self, post: Post) -> None:
        """Sends, or keeps while stalled. What cannot be sent any more is gone, as on the real wire."""
        if self._held is not None:
            self._held.append(post)
        elif self._connection and self._connection.socket.is_open:
            post(self._connection)

    def _metadata(self, connection: Connection) -> None:
        self._metadata_tick = None
        rate = self.options.rate
        text = messages.audio_metadata(self._plan.messages, connection.subscription_id, rate, frame_bytes(rate))
        connection.other("AudioMetadata", text)

    def _strike(self, fault: StreamFault, step: int) -> None:
        self._note_fault(name_of(fault), msgspec.to_builtins(fault, enc_hook=float))
        if isinstance(fault, Stall):
            self._stalled_until = step + stall_ticks(fault)
            self._held = _Nothing() if fault.then == "loss" else []
        elif isinstance(fault, Send):
            self._post(lambda connection: connection.other("scenario", fault.text, faults=["send"]))
        elif isinstance(fault, DropSocket):
            self._drop(fault)

    def _drop(self, fault: DropSocket) -> None:
        if not self._connection:
            return
        socket, code = self._connection.socket, None
        if fault.how == "close":
            code = fault.code
            socket.hang_up(fault.code)
        elif fault.how == "vanish":
            socket.vanish()
            self._vanished.append(socket)
        else:
            half = messages.audio("2", self.world.clock.iso(), None, "A" * 860, False) if fault.how == "half" else ""
            socket.abort(half)
        self._unnoticed = fault.unnoticed
        self._lose(f"drop_socket: {fault.how}", code, "scenario", fault.redial)

    def _heard(self, message: str | bytes) -> None:
        if self._connection:
            self._returning.take(message, self._connection.number, self._answer)

    def _answer(self, kind: str, text: str) -> None:
        self._post(lambda connection: connection.other(kind, text))

    def _broken(self, code: int | None, reason: str) -> None:
        self._lose(reason, code, "application")

    def _lose(self, reason: str, code: int | None, by: str, redial: float | None = None) -> None:
        connection, self._connection = self._connection, None
        self._held = None
        if connection is None:
            return
        connection.ended(code, reason, by)
        if self._unnoticed:
            return
        self.call.streaming_changed("mediaStreamingFailed", "streamConnectionInterrupted", *LOST)
        if self._wanted:
            self._redialling.begin(redial)

    async def _dial_again(self, attempt: int) -> bool:
        """The same URL with a new JWT, new metadata and a new subscription id."""
        self.subscription_id = new_id()
        try:
            await self._dial()
        except DialFailed as failed:
            note_failure(self.call, self.options.transport_url, self.world, failed, attempt=attempt)
            return False
        self.call.streaming_changed("mediaStreamingStarted", "streamConnectionReestablished", *DONE)
        return True

    def _not_reached(self) -> None:
        self.call.streaming_changed("mediaStreamingFailed", "streamConnectionUnsuccessful", *UNREACHABLE)

    def _note_fault(self, fault: str, facts: dict[str, object]) -> None:
        connection = self._connection.number if self._connection else None
        self.world.journal.write(
            "fault", fault=fault, call_connection_id=self.call.call_connection_id, connection=connection, asked=facts
        )


class _Nothing(list[Post]):
    """What a stall with loss keeps."""

    def append(self, post: Post) -> None:
        pass
