"""What a scenario file may say. Every key is optional; times are `2s`, `500ms`, `1m` or plain seconds. Pure.

title: a caller who breaks off
seed: 7
participants:
  "+15550100": {answers: 2s, says: [{sound: ada.ogg, at: 1s, text: "Good morning"}], leaves: 20s}
  "*": {answers: busy}
stream: {silence: missing, faults: [{do: stall, at: 5s, for: 2s}]}
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Chance = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]
AtLeastOne = Annotated[int, Meta(ge=1)]


class Seconds(float):
    """A duration."""


class Shift(float):
    """By how much a clock is off; negative: back."""


class Redial(Seconds):
    """A duration, or `never` (infinite)."""


class Answer(str):
    """`busy`, `declined`, `no_answer`, or how many seconds after the ringing began."""

    __slots__ = ()

    @property
    def after(self) -> float | None:
        """Seconds; None where nobody answers."""
        return None if self in OUTCOMES else float(self)


OUTCOMES = ("busy", "declined", "no_answer")


class Part(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    pass


class Line(Part):
    """A sound file: of the scenario's own folder, else one that the emulator ships."""

    sound: str
    at: Seconds = Seconds(0)
    text: str = ""


class Press(Part):
    """Keys (`0`–`9`, `*`, `#`, `a`–`d`) pressed one every quarter second."""

    at: Seconds
    tones: Annotated[str, Meta(pattern=r"^[0-9*#a-d]+$")]


class Person(Part):
    """`answers`: after how long, or `busy`, `declined`, `no_answer`. `says` absent: a voice that the emulator ships;
    `[]`: nothing. `repeat`: again and again. `leaves`: hangs up, counted from joining."""

    answers: Answer = Answer("0.3")
    says: tuple[Line, ...] | None = None
    repeat: bool = False
    leaves: Seconds | None = None
    presses: tuple[Press, ...] = ()
    name: str = ""


class Guest(Person, kw_only=True):
    """Somebody who joins every call uninvited, `joins` after it connected."""

    who: str
    joins: Seconds = Seconds(0)


class Incoming(Part):
    """A call that comes in by itself, `at` after the emulator's start."""

    at: Seconds
    caller: str
    called: str
    name: str = ""


class Moment(Part):
    """What strikes the whole socket, `at` after the stream's first one opened, with a `chance`."""

    at: Seconds = Seconds(0)
    chance: Chance = 1.0


class Audience(Moment):
    """What strikes frames: from `at` on, for a time (`for`), a number of `frames` or once; only frames of one `lane`;
    each with its `chance`."""

    lasts: Seconds | None = msgspec.field(default=None, name="for")
    frames: AtLeastOne | None = None
    lane: str | None = None


class Stall(Moment, tag="stall", tag_field="do"):
    """Nothing is sent for `for`; then everything at once (`burst`), or never (`loss`)."""

    lasts: Seconds = msgspec.field(default=Seconds(1), name="for")
    then: Literal["burst", "loss"] = "burst"


class DropSocket(Moment, tag="drop_socket", tag_field="do"):
    """`close`: with a close frame of `code`; `abort`: TCP just ends; `half`: it ends in the middle of a frame;
    `vanish`: TCP does not end, and nobody is there any more, who would read or answer.
    `unnoticed`: by the service, which believes that the stream is active, tells nobody and never dials again."""

    how: Literal["close", "abort", "half", "vanish"] = "abort"
    code: Annotated[int, Meta(ge=1000, le=4999)] = 1001
    redial: Redial | None = None
    unnoticed: bool = False


class Duplicate(Audience, tag="duplicate", tag_field="do"):
    """Each frame is sent twice."""


class Reorder(Audience, tag="reorder", tag_field="do"):
    """Each frame changes places with the one after it of its lane."""


class Late(Audience, tag="late", tag_field="do"):
    """Each frame comes `by` later, with its own stamp."""

    by: Seconds = Seconds(0.2)


class Lose(Audience, tag="lose", tag_field="do"):
    """Frames are not sent."""


class ClockJump(Moment, tag="clock_jump", tag_field="do", kw_only=True):
    """Stamps are off by `by` (negative: back) from then on, or for `for`."""

    by: Shift
    lasts: Seconds | None = msgspec.field(default=None, name="for")


class Halve(Audience, tag="halve", tag_field="do"):
    """Each frame comes as two messages of 10 ms."""


class Fragment(Audience, tag="fragment", tag_field="do"):
    """Each message is split over `pieces` WebSocket frames."""

    pieces: AtLeastOne = 3


class Binary(Audience, tag="binary", tag_field="do"):
    """Messages are sent as WebSocket binary."""


class Damage(Audience, tag="damage", tag_field="do"):
    """Frames that cannot be read: `json` cut in the middle, `base64` with characters that are none, an `odd` number of
    bytes, `nothing` (data is null), or a `stamp` that is none."""

    how: Literal["json", "base64", "odd", "nothing", "stamp"] = "json"


class Send(Moment, tag="send", tag_field="do", kw_only=True):
    """Any text as one more message."""

    text: str


StreamFault = (
    Stall | DropSocket | Duplicate | Reorder | Late | Lose | ClockJump | Halve | Fragment | Binary | Damage | Send
)


class StreamPlan(Part):
    """How every media socket behaves; `messages`, `headers`, `redial` and `attempts` are for sockets of transcription,
    too.

    silence: `flagged` (zeros, silent true), `missing` (no frames) or `empty` (frames without data). messages: the
    generation (ACS.md 2.1). refuse: the first so many dials fail with 8581; -1: all. metadata_after: late metadata.
    redial: after a loss, or `never`; so many `attempts`. stamp_digits: of a second; jitter: of the stamps.
    """

    silence: Literal["flagged", "missing", "empty"] = "flagged"
    messages: Literal["2", "2p", "1", "0", "java", "pascal"] = "2"
    refuse: Annotated[int, Meta(ge=-1)] = 0
    metadata_after: Seconds = Seconds(0)
    redial: Redial = Redial(1)
    attempts: Count = 3
    stamp_digits: Annotated[int, Meta(ge=0, le=7)] = 3
    jitter: Seconds = Seconds(0)
    headers: bool = True
    faults: tuple[StreamFault, ...] = ()


class Chosen(Part):
    """Which of many: the first `skip` pass, then `times` (0: all) are hit, each with a `chance`."""

    times: Count = 1
    skip: Count = 0
    chance: Chance = 1.0


class RestFault(Chosen):
    """`operation`: its name as in the path (`startMediaStreaming`, `create`, `answer`…) or `*`. `status` absent: only
    slow. `code` and `message` absent: those that fit the status. `body` false: an empty answer. `done`: the operation
    happens all the same, at once, and its events do not wait for a slow answer. `fails`: `create`, `answer` and
    `connect` are accepted, and fail by their event. `retry_after`: the header."""

    operation: str = "*"
    status: Annotated[int, Meta(ge=300, le=599)] | None = None
    body: bool = True
    code: str = ""
    message: str = ""
    delay: Seconds = Seconds(0)
    done: bool = False
    fails: bool = False
    retry_after: Seconds | None = None


class EventFault(Chosen, kw_only=True):
    """`type`: the short name of a callback (`CallConnected`) or `*`. `swap`: it comes after the next one;
    `before_reply`: before the answer of the request that caused it; `batch`: in one array with the next one; `single`:
    as an object, in no array; `old`: as in 2022, the event's name in `source`, `time` and `subject` in `data`."""

    type: str = "*"
    do: Literal["twice", "lose", "delay", "swap", "before_reply", "batch", "single", "old"]
    by: Seconds = Seconds(2)


class CallPlan(Part):
    """What goes wrong in calls with somebody; each part that is given stands in place of the general one."""

    stream: StreamPlan | None = None
    events: tuple[EventFault, ...] | None = None
    rest: tuple[RestFault, ...] | None = None


class File(Part):
    """A scenario file. `alone`: so long people talk whom every application has left."""

    title: str = ""
    seed: int = 1
    clock: Shift = Shift(0)
    alone: Seconds = Seconds(600)
    participants: dict[str, Person] = {}
    guests: tuple[Guest, ...] = ()
    incoming: tuple[Incoming, ...] = ()
    stream: StreamPlan = msgspec.field(default_factory=StreamPlan)
    events: tuple[EventFault, ...] = ()
    rest: tuple[RestFault, ...] = ()
    calls: dict[str, CallPlan] = {}
