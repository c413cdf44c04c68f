"""Media operations of one leg that take time, one after the other as the service queues them: prompts and recognition.
Each is a task that can be cancelled; keys that people press go to those who wait for them. Knows no REST."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from acs_emulator.calls.options import Operation
from acs_emulator.calls.results import CANCELLED, DONE, TERMINATED, Result
from acs_emulator.media import BadPrompt, LiveVoice, Prompt, Talker

if TYPE_CHECKING:
    from acs_emulator.calls.call import Call
    from acs_emulator.calls.participant import Participant

# The events that say how an operation ended, by the first part of its name.
_CANCELED, _FAILED = "Canceled", "Failed"

# Names of keys in callbacks and requests (ACS.md 2.2 and 4.8).
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TONES = {str(number): word for number, word in enumerate(_DIGITS)}
TONES |= {"*": "asterisk", "#": "pound"} | {letter: letter for letter in "abcd"}
KEYS = {word: key for key, word in TONES.items()}

VOICELESS = "Azure plays a text only in calls that were given a cognitive_services_endpoint; here it is a tone"

Listener = Callable[[str, str], None]


class Actions:
    """`run` queues an operation; `listeners` hear every key as (raw id, key)."""

    def __init__(self, call: "Call") -> None:
        self._call = call
        self._running: dict[asyncio.Task[None], tuple[str, Operation]] = {}
        self._turn = asyncio.Lock()
        self._hearing: dict[str, tuple[Operation, int]] = {}
        self.listeners: dict[Listener, None] = {}

    def run(self, name: str, operation: Operation, work: Callable[[], Awaitable[None]]) -> None:
        """`name`: `Play` or `Recognize`, the first part of its events. Raises nothing: failures become events."""
        task = self._call.world.spawn(self._in_turn(name, operation, work), f"{name} {self._call.call_connection_id}")
        self._running[task] = (name, operation)
        task.add_done_callback(lambda done: self._running.pop(done, None))

    def cancel_all(self, result: Result = CANCELLED) -> None:
        """Ends what runs and what waits, and says so: cancelled, or failed where the call is over."""
        for task, (name, operation) in tuple(self._running.items()):
            task.cancel()
            kind = f"{name}{_FAILED if result is TERMINATED else _CANCELED}"
            self._call.emit(kind, result, operation)
        self._running.clear()

    def hear_keys(self, raw_id: str, operation: Operation) -> None:
        """From now on each key of this participant is an event."""
        self._hearing[raw_id] = (operation, 0)

    def stop_hearing_keys(self, raw_id: str) -> Operation | None:
        """The operation that began it, if any did."""
        found = self._hearing.pop(raw_id, None)
        return found[0] if found else None

    def key_pressed(self, raw_id: str, key: str) -> None:
        for listener in tuple(self.listeners):
            listener(raw_id, key)
        if raw_id in self._hearing:
            operation, count = self._hearing[raw_id]
            self._hearing[raw_id] = (operation, count + 1)
            kind, tone = "ContinuousDtmfRecognitionToneReceived", TONES.get(key, key)
            self._call.emit(kind, DONE, operation, tone=tone, sequenceId=count + 1)

    async def _in_turn(self, name: str, operation: Operation, work: Callable[[], Awaitable[None]]) -> None:
        async with self._turn:
            try:
                await work()
            except PromptFailed as failed:
                result = Result(400, failed.sub_code, failed.message)
                self._call.emit(f"{name}{_FAILED}", result, operation, failedPlaySourceIndex=failed.index)


class PromptFailed(Exception):
    """`index`: which of the sources."""

    def __init__(self, index: int, bad: BadPrompt) -> None:
        super().__init__(bad.message)
        self.index, self.sub_code, self.message = index, bad.sub_code, bad.message


async def fetched(call: "Call", sources: list[tuple[str, str]]) -> list[Prompt]:
    """All prompts, by kind and content: a file's address, or a text. Raises PromptFailed."""
    prompts = []
    if not call.options.speaks and any(kind != "file" for kind, _ in sources):
        call.world.journal.write("warning", why=VOICELESS)
    for index, (kind, content) in enumerate(sources):
        try:
            is_file = kind == "file"
            prompts.append(await Prompt.fetch(content, call.world.trust) if is_file else Prompt.spoken(content))
        except BadPrompt as bad:
            raise PromptFailed(index, bad) from None
    return prompts


async def play_music(call: "Call", person: "Participant", prompts: list[Prompt]) -> None:
    """Again and again to somebody on hold, until they are on hold no more, have other music, or the call is over."""
    ticker = call.world.ticker
    voice = LiveVoice(ticker)
    music = person.music = Talker(call.own_id, voice, ticker.number + 1)
    people = call.conversation.people
    while person.music is music and person.talker.on_hold and person in people and call.is_established:
        for prompt in prompts:
            await prompt.play(voice, ticker)


async def play(call: "Call", prompts: list[Prompt], *, to: Iterable[str] = (), loop: bool = False) -> None:
    """One after the other, in real time, to these raw ids or to all."""
    call.prompted = frozenset(to)
    while True:
        for prompt in prompts:
            await prompt.play(call.prompts, call.world.ticker)
        if not loop:
            return
