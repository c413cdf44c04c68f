"""The law of a call: one total table (state, happening) → state. Pure.

Happenings come early, late, twice or never; none is refused. `ended` is final but for what says that it never came
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


class Happening(StrEnum):
    """What changes a call's state."""

    ACCEPTED = "accepted"  # ACS took our request
    REFUSED = "refused"  # ACS refused it, or did not answer
    CONNECTED = "connected"
    HANG_UP_ASKED = "hang_up_asked"
    NOT_CONNECTED = "not_connected"  # CreateCallFailed, AnswerFailed, ConnectFailed
    DISCONNECTED = "disconnected"
    GONE = "gone"  # ACS was asked and knows no such call
    NEVER_HEARD = "never_heard"  # our request was never answered and nothing was heard


H = Happening
_CHANGES: dict[Happening, dict[State, State]] = {
    H.ACCEPTED: {"placing": "ringing"},
    H.REFUSED: {"placing": "failed", "ringing": "failed", "disconnecting": "failed"},
    H.CONNECTED: {"placing": "connected", "ringing": "connected", "failed": "connected"},
    H.HANG_UP_ASKED: dict.fromkeys(("placing", "ringing", "connected"), "disconnecting"),
    H.NOT_CONNECTED: {"placing": "failed", "ringing": "failed", "disconnecting": "ended", "ended": "failed"},
    H.DISCONNECTED: dict.fromkeys(("placing", "ringing", "connected", "disconnecting"), "ended"),
    H.GONE: dict.fromkeys(("placing", "ringing", "connected", "disconnecting"), "ended"),
    H.NEVER_HEARD: {"placing": "failed", "ringing": "failed", "disconnecting": "failed"},
}
TABLE: dict[tuple[State, Happening], State] = {
    (state, happening): _CHANGES[happening].get(state, state) for state in STATES for happening in Happening
}


def following(state: State, happening: Happening | None) -> State:
    """The state after `happening`; what changes nothing leaves it as it is."""
    return state if happening is None else TABLE[state, happening]
