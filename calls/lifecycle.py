"""The life of a call, a state machine: one total table (state, trigger) → state. Pure.

Triggers come early, late, twice or never; none is refused. `ended` is final but for what says that it never came
about; `failed` gives way only to evidence that it is connected after all (an answer of ACS that was lost).

                placing        ringing        connected      disconnecting  ended   failed
accepted        ringing        ·              ·              ·              ·       ·
refused         failed         failed         ·              failed         ·       ·
connected       connected      connected      ·              ·              ·       connected
hang_up_asked   disconnecting  disconnecting  disconnecting  ·              ·       ·
not_connected   failed         failed         ·              ended          failed  ·
disconnected    ended          ended          ended          ended          ·       ·
gone            ended          ended          ended          ended          ·       ·
never_heard     failed         failed         ·              failed         ·       ·
"""

from enum import StrEnum
from typing import Literal, get_args

State = Literal["placing", "ringing", "connected", "disconnecting", "ended", "failed"]
STATES: tuple[State, ...] = get_args(State)
OVER: tuple[State, ...] = ("ended", "failed")


class Trigger(StrEnum):
    """What changes a call's state."""

    ACCEPTED = "accepted"  # ACS took our request
    REFUSED = "refused"  # ACS refused it, or did not answer
    CONNECTED = "connected"
    HANG_UP_ASKED = "hang_up_asked"
    NOT_CONNECTED = "not_connected"  # CreateCallFailed, AnswerFailed, ConnectFailed
    DISCONNECTED = "disconnected"
    GONE = "gone"  # ACS was asked and knows no such call
    NEVER_HEARD = "never_heard"  # our request was never answered and nothing was heard


T = Trigger
_CHANGES: dict[Trigger, dict[State, State]] = {
    T.ACCEPTED: {"placing": "ringing"},
    T.REFUSED: {"placing": "failed", "ringing": "failed", "disconnecting": "failed"},
    T.CONNECTED: {"placing": "connected", "ringing": "connected", "failed": "connected"},
    T.HANG_UP_ASKED: dict.fromkeys(("placing", "ringing", "connected"), "disconnecting"),
    T.NOT_CONNECTED: {"placing": "failed", "ringing": "failed", "disconnecting": "ended", "ended": "failed"},
    T.DISCONNECTED: dict.fromkeys(("placing", "ringing", "connected", "disconnecting"), "ended"),
    T.GONE: dict.fromkeys(("placing", "ringing", "connected", "disconnecting"), "ended"),
    T.NEVER_HEARD: {"placing": "failed", "ringing": "failed", "disconnecting": "failed"},
}
TABLE: dict[tuple[State, Trigger], State] = {
    (state, trigger): _CHANGES[trigger].get(state, state) for state in STATES for trigger in Trigger
}


def following(state: State, trigger: Trigger | None) -> State:
    """The state after `trigger`; what changes nothing leaves it as it is."""
    return state if trigger is None else TABLE[state, trigger]
