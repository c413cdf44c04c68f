"""The states of a leg and which may follow which (ACS.md 4.5, callConnectionState). Pure."""

from typing import Literal

State = Literal["connecting", "connected", "transferring", "transferAccepted", "disconnecting", "disconnected"]

FOLLOWS: dict[State, frozenset[State]] = {
    "connecting": frozenset({"connected", "disconnecting"}),
    "connected": frozenset({"transferring", "disconnecting"}),
    "transferring": frozenset({"connected", "transferAccepted", "disconnecting"}),
    "transferAccepted": frozenset({"disconnecting"}),
    "disconnecting": frozenset({"disconnected"}),
    "disconnected": frozenset(),
}


def may_follow(state: State, following: State) -> bool:
    return following in FOLLOWS[state]
