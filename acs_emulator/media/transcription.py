"""One transcription subscription of one call: a socket of its own on which the words of the sound files appear when
they have been spoken. Nothing is recognised: the scenario's `text` is what was said."""

import asyncio

from acs_emulator.media import messages
from acs_emulator.media.connection import Connection, new_id, note_failure, open_connection
from acs_emulator.media.options import TranscriptionOptions
from acs_emulator.media.redialling import Redialling
from acs_emulator.media.seams import StreamedCall, StreamWorld, Talker
from acs_emulator.media.socket import DialFailed
from acs_emulator.media.stream import DONE, UNREACHABLE
from acs_emulator.media.voice import Utterance

LOST = (500, 8578, "Transcription Failed.")
TICK_MS = 20
TICKS_OF_A_MS = 10_000  # the service's unit is 100 ns


class TranscriptionStream:
    """As Stream, with `update` for another locale."""

    def __init__(self, call: StreamedCall, options: TranscriptionOptions, world: StreamWorld) -> None:
        self.call, self.options, self.world = call, options, world
        self.subscription_id = new_id()
        self.locale = options.locale
        self._connection: Connection | None = None
        self._wanted, self._starting = False, asyncio.Lock()
        self._redialling = Redialling(world.scenario.stream(call.people), self._dial_again, self._not_reached)
        self._first_tick, self._began_ns = 0, 0

    @property
    def state(self) -> str:
        return "inactive" if self._connection is None else "active"

    @property
    def _generation(self) -> str:
        return self.world.scenario.stream(self.call.people).messages

    async def start(self, locale: str | None = None) -> None:
        """Dials and sends TranscriptionMetadata; a failure is reported to the call (8581)."""
        self.locale, self._wanted = locale or self.locale, True
        self._redialling.give_up()
        async with self._starting:
            if not self._wanted or self._connection:
                return
            try:
                await self._dial()
            except DialFailed as failed:
                note_failure(self.call, self.options.transport_url, self.world, failed)
                if self._wanted:
                    self._not_reached()
            else:
                self.call.transcription_changed("transcriptionStarted", "subscriptionStarted", *DONE)

    async def _dial(self) -> None:
        """Raises DialFailed."""
        url = self.options.transport_url
        connection = await open_connection(
            self.call, url, self.subscription_id, self.world, lambda message: None, self._broken
        )
        if not self._wanted or self._connection:
            await connection.socket.close(1000)
            connection.ended(1000, "stopped while dialling", "emulator")
            raise DialFailed("transcription was stopped while the socket opened")
        self._connection = connection
        self._first_tick, self._began_ns = self.world.ticker.number, self.world.clock.now_ns()
        self._metadata(connection)
        self.world.ticker.add(self._tick)

    async def _dial_again(self, attempt: int) -> bool:
        """As Stream does."""
        self.subscription_id = new_id()
        try:
            await self._dial()
        except DialFailed as failed:
            note_failure(self.call, self.options.transport_url, self.world, failed, attempt=attempt)
            return False
        self.call.transcription_changed("transcriptionStarted", "streamConnectionReestablished", *DONE)
        return True

    async def stop(self, reason: str) -> None:
        connection, self._connection = self._connection, None
        dialling = self._redialling.is_on or (self._wanted and self._starting.locked())
        self._wanted = False
        self._redialling.give_up()
        self.world.ticker.remove(self._tick)
        if connection:
            await connection.socket.close(1000)
            connection.ended(1000, reason, "emulator")
        if connection or dialling:
            self.call.transcription_changed("transcriptionStopped", "subscriptionStopped", *DONE)

    def update(self, locale: str) -> None:
        self.locale = locale
        self.call.transcription_changed("transcriptionUpdated", "transcriptionLocaleUpdated", *DONE)

    def _metadata(self, connection: Connection) -> None:
        fields = {
            "subscriptionId": self.subscription_id,
            "locale": self.locale,
            "callConnectionId": self.call.call_connection_id,
            "correlationId": self.call.correlation_id,
        }
        if self.options.model:
            fields["speechRecognitionModelEndpointId"] = self.options.model
        connection.other("TranscriptionMetadata", messages.transcription_metadata(self._generation, fields))

    def _tick(self, tick: int) -> None:
        for talker in self.call.talkers():
            now = (tick - talker.joined_tick) * TICK_MS
            for utterance in talker.voice.heard_from(now):
                if talker.muted or talker.on_hold:
                    continue
                middle = (utterance.start_ms + utterance.end_ms) // 2
                if self.options.intermediate and now <= middle < now + TICK_MS:
                    self._say(talker, utterance, tick, final=False)
                if now <= utterance.end_ms < now + TICK_MS:
                    self._say(talker, utterance, tick, final=True)

    def _say(self, talker: Talker, utterance: Utterance, tick: int, *, final: bool) -> None:
        if self._connection is None or not self._connection.socket.is_open:
            return
        spoken_ms = utterance.end_ms - utterance.start_ms
        offset_ms = (talker.joined_tick - self._first_tick) * TICK_MS + utterance.start_ms
        words = utterance.text.split()
        if not final:
            words, spoken_ms = words[: max(1, len(words) // 2)], spoken_ms // 2
        fields = {
            "text": " ".join(words),
            "format": "display",
            "offset": max(0, offset_ms) * TICKS_OF_A_MS,
            "duration": spoken_ms * TICKS_OF_A_MS,
            "participantRawID": talker.raw_id,
            "resultStatus": "Final" if final else "Intermediate",
        }
        if final:
            fields |= {"confidence": 0.93, "words": _words(words, offset_ms, spoken_ms)}
        text = messages.transcription(self._generation, fields, began_ns=self._began_ns, locale=self.locale)
        self._connection.other("TranscriptionData", text, lane=talker.raw_id)

    def _broken(self, code: int | None, reason: str) -> None:
        connection, self._connection = self._connection, None
        self.world.ticker.remove(self._tick)
        if connection:
            connection.ended(code, reason, "application")
            self.call.transcription_changed("transcriptionFailed", "streamConnectionInterrupted", *LOST)
            if self._wanted:
                self._redialling.begin()

    def _not_reached(self) -> None:
        self.call.transcription_changed("transcriptionFailed", "streamConnectionUnsuccessful", *UNREACHABLE)


def _words(words: list[str], offset_ms: int, spoken_ms: int) -> list[dict[str, object]]:
    """Spread by their length, as nothing better is known."""
    total, at, out = sum(map(len, words)) or 1, float(offset_ms), list[dict[str, object]]()
    for word in words:
        lasts = spoken_ms * len(word) / total
        out.append({"text": word, "offset": round(at) * TICKS_OF_A_MS, "duration": round(lasts) * TICKS_OF_A_MS})
        at += lasts
    return out
