"""What the scenario decides when asked: who answers, who says what, which request or event goes wrong. The same seed
and the same order of questions give the same answers."""

import fnmatch
import itertools
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self, TypeVar

from acs_emulator.errors import BadScenario, BadSound
from acs_emulator.media.sounds import load
from acs_emulator.media.voice import RATES, FileVoice, Said, Voice
from acs_emulator.scenario.names import CAUSES, EVENTS
from acs_emulator.scenario.reading import line_of, parse
from acs_emulator.scenario.schema import (
    Answer,
    CallPlan,
    Chosen,
    EventFault,
    File,
    Guest,
    Incoming,
    Line,
    Person,
    RestFault,
    StreamPlan,
)

T = TypeVar("T")

SHIPPED = Path(__file__).parent.parent
VOICES = ("ada", "ben", "cleo", "dan", "eve")

# Between two keys of `presses`.
KEY_SECONDS = 0.25


class Scenario:
    """Questions that the emulator asks. Without a file everybody answers and speaks, and nothing fails. `name`: of the
    file, for people."""

    def __init__(self, file: File | None = None, folder: Path | None = None, name: str = "") -> None:
        self.file, self.name = file or File(), name
        self._folder = folder
        self._asked: dict[str, int] = {}
        self._hits: Counter[int] = Counter()
        self._chance = self.random("faults")
        self._streams = itertools.count(1)
        self._voices: dict[int, FileVoice] = {}

    @classmethod
    def load(cls, name: str | Path) -> Self:
        """A path, or the name of a shipped scenario (`scenarios/`). Checks every sound. Raises BadScenario."""
        path = Path(name)
        if not path.is_file() and not (path := SHIPPED / "scenarios" / f"{name}.yaml").is_file():
            known = ", ".join(sorted(found.stem for found in (SHIPPED / "scenarios").glob("*.yaml")))
            raise BadScenario(where=str(name), why=f"there is no such file. Shipped scenarios: {known}")
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            raise BadScenario(where=str(path), why=f"the file cannot be read ({wrong})") from None
        scenario = cls(parse(text, path.name), path.parent, path.name)
        scenario._check_sounds(text, path.name)
        return scenario

    @property
    def title(self) -> str:
        return self.file.title

    def stream(self, people: Sequence[str] = ()) -> StreamPlan:
        """How the sockets of a call behave; `people`: with whom the call is (of a group or room: its id)."""
        plan = self._plan(people)
        return self.file.stream if plan.stream is None else plan.stream

    @property
    def guests(self) -> Sequence[Guest]:
        """Who joins each call by themselves: `guest.who`, `guest.joins` seconds after it connected."""
        return self.file.guests

    @property
    def incoming(self) -> Sequence[Incoming]:
        return self.file.incoming

    def random(self, purpose: str) -> random.Random:
        """A source of chance of its own, so that one use does not disturb another."""
        return random.Random(f"{self.file.seed}:{purpose}")  # noqa: S311  (repeatable on purpose)

    def next_stream(self) -> str:
        """A purpose for `random` of its own for each stream, in the order of their making."""
        return f"stream {next(self._streams)}"

    def person(self, raw_id: str) -> Person:
        """By raw id or telephone number, exactly or by pattern (`8:acs:*`), in the order of the file."""
        for guest in self.file.guests:
            if raw_id in _names(guest.who):
                return guest
        return _fitting(self.file.participants, [raw_id]) or Person()

    def answer(self, raw_id: str) -> Answer:
        """`.after` seconds, or None and it is `busy`, `declined` or `no_answer`."""
        return self.person(raw_id).answers

    def voice(self, raw_id: str) -> Voice:
        """What a participant says, from joining on."""
        person = self.person(raw_id)
        if person.says is None:
            turn = self._asked.setdefault(raw_id, len(self._asked))
            return _shipped_voice(VOICES[turn % len(VOICES)])
        return self._voices.get(id(person)) or self._prepared(person, person.says)

    def leaves(self, raw_id: str) -> float | None:
        """Seconds after joining, or None: stays."""
        return self.person(raw_id).leaves

    def presses(self, raw_id: str) -> list[tuple[float, str]]:
        """(seconds after joining, key), in order."""
        person = self.person(raw_id)
        keys = ((press.at + n * KEY_SECONDS, key) for press in person.presses for n, key in enumerate(press.tones))
        return sorted(keys)

    def rest_fault(self, operation: str, people: Sequence[str] = ()) -> RestFault | None:
        """What to do to this request, counting it. `operation`: `startMediaStreaming`, `create`, `answer`…"""
        plan = self._plan(people)
        faults = self.file.rest if plan.rest is None else plan.rest
        return next((f for f in faults if fnmatch.fnmatch(operation, f.operation) and self._hit(f)), None)

    def event_fault(self, kind: str, people: Sequence[str] = ()) -> EventFault | None:
        """What to do to this callback, counting it. `kind`: `CallConnected`, also with its prefix."""
        short = kind.rpartition(".")[2]
        return next((f for f in self._events(people) if fnmatch.fnmatch(short, f.type) and self._hit(f)), None)

    def grid_fault(self, kind: str) -> EventFault | None:
        """The same for an event of Event Grid, which no pattern means."""
        return next((f for f in self.file.events if f.type == kind and self._hit(f)), None)

    def overtakes(self, operation: str, people: Sequence[str] = ()) -> EventFault | None:
        """The fault that sends an event which this operation causes before its answer, where the next one is hit."""
        faults = (f for f in self._events(people) if f.do == "before_reply")
        return next((f for f in faults if self._overtakes(f, operation)), None)

    def _plan(self, people: Sequence[str]) -> CallPlan:
        return _fitting(self.file.calls, people) or CallPlan()

    def _events(self, people: Sequence[str]) -> Sequence[EventFault]:
        events = self._plan(people).events
        return self.file.events if events is None else events

    def _overtakes(self, fault: EventFault, operation: str) -> bool:
        hits = self._hits[id(fault)]
        # Of a pattern, earlier events of the same operation may be the ones that pass.
        due = hits >= fault.skip or fault.type not in EVENTS
        pending = due and (not fault.times or hits < fault.skip + fault.times)
        return pending and bool(fnmatch.filter(CAUSES.get(operation, ()), fault.type))

    def sound(self, name: str) -> Path:
        """Beside the scenario file, else shipped."""
        own = (self._folder or Path()) / name
        return own if own.is_file() or not (SHIPPED / "voices" / name).is_file() else SHIPPED / "voices" / name

    def _hit(self, fault: Chosen) -> bool:
        self._hits[id(fault)] += 1
        count = self._hits[id(fault)]
        within = fault.skip < count and (not fault.times or count <= fault.skip + fault.times)
        return within and (fault.chance >= 1 or self._chance.random() < fault.chance)

    def _prepared(self, person: Person, says: Sequence[Line]) -> FileVoice:
        """At both rates before a call needs it: to resample an hour of sound would stop all calls for seconds."""
        said = [Said(self.sound(line.sound), round(line.at * 1000), line.text) for line in says]
        voice = self._voices[id(person)] = FileVoice(said, repeat=person.repeat)
        for rate in RATES:
            voice.frame(0, rate)
        return voice

    def _check_sounds(self, text: str, name: str) -> None:
        for person in (*self.file.participants.values(), *self.file.guests):
            for line in person.says or ():
                try:
                    load(self.sound(line.sound), RATES[0])
                except BadSound as wrong:
                    where = f"{name}, line {line_of(text, line.sound)}"
                    raise BadScenario(where=where, why=f"sound: {wrong}") from None
            if person.says is not None:
                self._prepared(person, person.says)


@lru_cache(maxsize=len(VOICES))
def _shipped_voice(name: str) -> FileVoice:
    return FileVoice([Said(SHIPPED / "voices" / f"{name}.ogg")], repeat=True)


def _fitting(table: Mapping[str, T], people: Sequence[str]) -> T | None:
    """What stands there for one of them, exact names before patterns."""
    names = [name for raw_id in people for name in _names(raw_id)]
    exact = next((table[name] for name in names if name in table), None)
    return exact or next((found for key, found in table.items() if fnmatch.filter(names, key)), None)


def _names(raw_id: str) -> tuple[str, ...]:
    """A telephone number goes by its raw id and by itself."""
    if raw_id.startswith("4:"):
        return raw_id, raw_id.removeprefix("4:")
    return (raw_id, f"4:{raw_id}") if raw_id.startswith("+") else (raw_id,)
