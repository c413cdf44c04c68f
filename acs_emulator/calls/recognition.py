"""Recognition of keys, choices and speech (ACS.md 4.8, RecognizeRequest). There is no speech recognition: what a
person of the scenario says is known, so its text is recognised when it has been spoken. Knows no REST."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acs_emulator.calls import actions
from acs_emulator.calls.actions import KEYS, TONES, fetched
from acs_emulator.calls.options import Operation
from acs_emulator.calls.results import (
    INITIAL_SILENCE,
    INTER_DIGIT,
    MAX_TONES,
    SPEECH_HEARD,
    SPEECH_MATCHED,
    STOP_TONE,
    TONE_MATCHED,
    Result,
)
from acs_emulator.ticker import TICK

if TYPE_CHECKING:
    from acs_emulator.calls.call import Call
    from acs_emulator.media.voice import Utterance

CONFIDENCE = 0.93


@dataclass(frozen=True, slots=True)
class Choice:
    """`tone`: a key, or ""."""

    label: str
    phrases: tuple[str, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be recognised; keys as `0`–`9`, `*`, `#`; seconds."""

    kind: str
    target: str
    initial_silence: float = 5.0
    interrupt_prompt: bool = False
    inter_tone: float = 2.0
    max_tones: int | None = None
    stop_tones: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass
class Recognized:
    result: Result
    kind: str
    facts: dict[str, Any]


class Recognition:
    """One operation: the prompt, then listening; `run` reports RecognizeCompleted or RecognizeFailed."""

    def __init__(self, call: "Call", wanted: Wanted, sources: list[tuple[str, str]], operation: Operation) -> None:
        self._call, self._wanted, self._sources, self._operation = call, wanted, sources, operation
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._pressed = asyncio.Event()

    async def run(self) -> None:
        self._call.actions.listeners[self._heard] = None
        try:
            await self._prompt()
            found = await self._listen()
        finally:
            self._call.actions.listeners.pop(self._heard, None)
        if found is None:
            self._call.emit("RecognizeFailed", INITIAL_SILENCE, self._operation)
        else:
            facts = {"recognitionType": found.kind, **found.facts}
            self._call.emit("RecognizeCompleted", found.result, self._operation, **facts)

    def _heard(self, raw_id: str, key: str) -> None:
        if raw_id == self._wanted.target:
            self._keys.put_nowait(key)
            self._pressed.set()

    async def _prompt(self) -> None:
        """A key or a word ends it where that was asked for; otherwise keys pressed during it count all the same."""
        prompts = await fetched(self._call, self._sources)
        playing = actions.play(self._call, prompts, to=[self._wanted.target])
        waiting: set[asyncio.Future[Any]] = {asyncio.ensure_future(playing)}
        if self._wanted.interrupt_prompt:
            waiting |= {asyncio.ensure_future(self._pressed.wait()), asyncio.ensure_future(self._speech_begins())}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def _listen(self) -> Recognized | None:
        kind = self._wanted.kind.lower()
        ways = []
        if kind != "speech":
            ways.append(asyncio.ensure_future(self._by_choice() if kind == "choices" else self._by_tones()))
        if kind != "dtmf":
            ways.append(asyncio.ensure_future(self._by_speech()))
        try:
            for way in asyncio.as_completed(ways):
                if found := await way:
                    return found
        finally:
            for way in ways:
                way.cancel()
        return None

    async def _by_tones(self) -> Recognized | None:
        tones: list[str] = []
        result, wait = MAX_TONES, self._wanted.initial_silence
        while self._wanted.max_tones is None or len(tones) < self._wanted.max_tones:
            try:
                key = await asyncio.wait_for(self._keys.get(), wait)
            except TimeoutError:
                result = INTER_DIGIT
                break
            if key in self._wanted.stop_tones:
                result = STOP_TONE
                break
            tones.append(key)
            wait = self._wanted.inter_tone
        if result is INTER_DIGIT and not tones:
            return None
        return Recognized(result, "dtmf", {"dtmfResult": {"tones": [TONES[key] for key in tones]}})

    async def _by_choice(self) -> Recognized | None:
        """By its key; a key that belongs to none is passed over."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._wanted.initial_silence
        while (left := end - loop.time()) > 0:
            try:
                key = await asyncio.wait_for(self._keys.get(), left)
            except TimeoutError:
                return None
            if choice := next((c for c in self._wanted.choices if c.tone == key), None):
                return Recognized(TONE_MATCHED, "choices", {"choiceResult": {"label": choice.label}})
        return None

    async def _speech_begins(self) -> None:
        """Returns when the target says something; never where only keys are wanted."""
        begin, coming = self._coming()
        if self._wanted.kind.lower() == "dtmf" or not coming:
            await asyncio.Event().wait()
        await asyncio.sleep(max(0, coming[0].start_ms - begin) / 1000)

    def _coming(self) -> tuple[int, Sequence["Utterance"]]:
        """Now, in ms since the target joined, and what the target says from now on."""
        person = self._call.conversation.find(self._wanted.target)
        if person is None:
            return 0, ()
        begin = round((self._call.world.ticker.number - person.talker.joined_tick) * TICK * 1000)
        return begin, person.talker.voice.heard_from(begin)

    async def _by_speech(self) -> Recognized | None:
        """What begins before the initial silence is over, once it has been said."""
        begin, coming = self._coming()
        latest = begin + self._wanted.initial_silence * 1000
        for said in coming:
            if said.start_ms > latest:
                continue
            found = self._understood(said.text)
            if found:
                await asyncio.sleep((said.end_ms - begin) / 1000)
                return found
        await asyncio.sleep(self._wanted.initial_silence)
        return None

    def _understood(self, text: str) -> Recognized | None:
        if self._wanted.kind.lower() != "choices":
            speech = {"speech": text, "confidence": CONFIDENCE}
            return Recognized(SPEECH_HEARD, "speech", {"speechResult": speech})
        for choice in self._wanted.choices:
            if phrase := _phrase(choice.phrases, text):
                result = {"label": choice.label, "recognizedPhrase": phrase, "confidence": CONFIDENCE}
                return Recognized(SPEECH_MATCHED, "choices", {"choiceResult": result})
        return None


def _phrase(phrases: Sequence[str], text: str) -> str | None:
    return next((phrase for phrase in phrases if phrase.lower() in text.lower()), None)


def key_of(tone: str | None) -> str:
    """`five` or `5` → `5`; "" for none."""
    return KEYS.get(str(tone or "").lower(), "")
