"""How stories are told: each has a telephone number of its own, by which the emulator's scenario knows it, and all are
told at the same time, because they mostly wait."""

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import yaml

from tests.story.sent import nothing_lost, same_as_sent
from tests.story.stage import Refused, Shape, Stage

AT_ONCE = 28
# They stay long enough for every fault to strike, also where their stream begins seconds late.
PERSON = {"answers": "0s", "says": [{"sound": "words.wav", "at": "100ms"}], "leaves": "6s"}
# How the service takes the loss of a socket: `redial` of a stream's plan.
PEERS = {"dials_again": "500ms", "never_dials": "never"}
Tell = Callable[["Told"], None]


@dataclass(frozen=True, slots=True)
class Story:
    """`plan` is the `calls` entry of the scenario for the story's number, `person` how they differ from PERSON."""

    name: str
    tell: Tell
    plan: Shape
    person: Shape
    long: bool = False


STORIES: dict[str, Story] = {}


def story(plan: str = "", person: str = "", name: str = "", long: bool = False) -> Callable[[Tell], Tell]:
    """Registers a story; `plan` and `person` in YAML. `long`: it begins before the others."""

    def add(tell: Tell) -> Tell:
        module = tell.__module__.rpartition(".")[2]
        whole = f"{module}-{name or tell.__name__}"
        assert whole not in STORIES, f"two stories are called {whole}"
        STORIES[whole] = Story(whole, tell, _read(plan), _read(person), long)
        return tell

    return add


def _read(text: str) -> Shape:
    found: Shape = yaml.safe_load("{" + text + "}") or {}
    return found


def number_of(name: str) -> str:
    return f"+1555{list(STORIES).index(name):07d}"


def scenario() -> str:
    """What the emulator plays, in which each story's number has its part."""
    people = {number_of(name): {**PERSON, **story.person} for name, story in STORIES.items()}
    plans = {who: story.plan for name, story in STORIES.items() if story.plan for who in (number_of(name), name)}
    stays = {"answers": "0s", "says": [{"sound": "more.wav"}]}
    others = {"8:acs:stays_*": stays, "8:acs:busy_*": {"answers": "busy"}, "*": PERSON}
    return json.dumps({"participants": people | others, "calls": plans})


class Told:
    """What a story has to tell itself with: the stage, and its number; its name serves as the id of a group."""

    def __init__(self, stage: Stage, story: Story) -> None:
        self.stage, self.name, self.number = stage, story.name, number_of(story.name)

    def place(self, *also: str, **options: Any) -> Shape:
        """Calls the story's number, and others at the same time."""
        return self.stage.post("/calls", {"to": [self.number, *also], **options})

    def connected(self, *also: str, **options: Any) -> Shape:
        call = self.stage.reached(self.place(*also, **options)["id"], "connected")
        assert call["state"] == "connected", call
        return call

    def refused(self, path: str, body: Shape | None = None) -> Refused:
        """How the API says no."""
        try:
            answered = self.stage.post(path, body)
        except Refused as refused:
            return refused
        raise AssertionError(f"{path} was not refused: {answered}")

    def ended(self, call: Shape, **facts: Any) -> tuple[Shape, Shape]:
        """The call and its session when both are over; they belong together, and say why."""
        over = self.stage.reached(call["id"], "ended")
        assert over["state"] in {"ended", "failed"}, (over, self.stage.kinds(call["id"]))
        session = self.stage.until_session(call["id"], live=False)
        (listed,) = self.stage.get(f"/sessions?call_id={call['id']}")["items"]
        assert (over["session_id"], session["call_id"], listed["id"]) == (session["id"], over["id"], session["id"])
        over = self.stage.call(call["id"])
        assert session["state"] == "ended", session
        assert session["reason"]
        if over["connected_at"]:
            assert session["call_connection_id"] == over["call_connection_id"]
            assert session["frames"]["stored"] or "No audio ever came" in session["reason"], session
        else:
            assert over["state"] == "failed" or over["end_reason"], over
        coverage = session["coverage"]
        assert coverage["expected_ms"] == coverage["stored_ms"] + coverage["gap_ms"]
        for name, value in facts.items():
            assert over[name] == value, (name, over)
        return over, session

    def same(self, call: Shape, state: str = "ended") -> tuple[Shape, Shape]:
        """`ended`, and stored byte for byte as sent."""
        over, session = self.ended(call, state=state)
        same_as_sent(self.stage, over, session)
        return over, session

    def whole(self, call: Shape) -> tuple[Shape, Shape]:
        """`ended`, and without its gaps just what was sent."""
        over, session = self.ended(call, state="ended")
        nothing_lost(self.stage, over, session)
        return over, session

    def causes(self, session: Shape) -> set[str]:
        return {gap["cause"] for gap in self.stage.get(f"/sessions/{session['id']}/gaps")["items"]}


def tell_all(stage: Stage, names: list[str]) -> "tuple[ThreadPoolExecutor, dict[str, Future[None]]]":
    """Begins all of them."""
    names = sorted(names, key=lambda name: not STORIES[name].long)
    threads = ThreadPoolExecutor(AT_ONCE, "story")
    return threads, {name: threads.submit(partial(STORIES[name].tell, Told(stage, STORIES[name]))) for name in names}
