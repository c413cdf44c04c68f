"""Whether whoever says nothing on a socket is still there. Pure: a step a second, no clock.

TCP does not tell of a peer that is gone without a word (its machine died, a router forgot the connection), and a quiet
call may bring nothing for long, where ACS leaves silence out. So a silent peer is pinged. One that has answered before
and leaves three pings in a row unanswered is gone. One that never answers proves nothing: that is not documented of
ACS, although servers that close such peers are in use with it (ACS.md 1). Nothing is closed for it here.
"""

from collections.abc import Mapping
from typing import Any, Protocol

EXTENSION = "recorder.ping"  # of ASGI: config/serving/websocket.py offers a Line; Daphne has none

FIRST = 1  # step in which each peer is pinged once, to know whether it answers
EVERY = 5  # steps of silence from ping to ping
MOST = 3  # pings that a peer which answers leaves unanswered only if it is gone


class Line(Protocol):
    """A socket that can be pinged. `answers`: to pings of ours, so far."""

    answers: int

    def ping(self) -> None: ...


def line_of(scope: Mapping[str, Any]) -> Line | None:
    offered = scope.get("extensions", {}).get(EXTENSION)
    return offered["line"] if offered else None


class Peer:
    """The other side of one socket. `gone`: it is proved to be; whatever it says takes that back."""

    def __init__(self, line: Line | None) -> None:
        self.line, self.gone = line, False
        self._age = self._silence = self._unanswered = self._answers = 0

    def look(self, spoke: bool) -> None:
        """A step. `spoke`: something came since the last one, or may have come where we did not read."""
        if self.line is None:
            return
        self._age += 1
        if spoke or self.line.answers > self._answers:
            self._answers = self.line.answers
            self._silence = self._unanswered = 0
            self.gone = False
        else:
            self._silence += 1
        if self._silence and self._silence % EVERY == 0:
            self.gone = self._unanswered >= MOST and self._answers > 0
            self._unanswered += 1
            self.line.ping()
        elif self._age == FIRST:
            self.line.ping()
