"""What goes wrong with calls, in a sentence that says what to do; each docstring is the message. Pure.

CallsError              `status`: of the HTTP answer
├── BadEvents           422  a body that ACS cannot have sent
├── UncallableTarget    422  what somebody wants to call, and how to write it instead
├── UnplayableSound     422  a sound file that ACS would not take
├── InvalidRequest      422  something that cannot be done for a call
├── Unnameable          422  whom the address book cannot hold
├── WrongState          409  not in the call's present state
├── UnknownParticipant  404
├── AcsFailed           502  ACS refused, or did not answer
└── NotConfigured       503
"""

from typing import Any
from uuid import UUID

from calls.texts import shown

WRITTEN = {"given", "who"}
"""Facts that somebody wrote: repeated so that they can be read."""


class CallsError(Exception):
    """Something is wrong with a call."""

    status = 422

    def __init__(self, **facts: Any) -> None:
        for name in facts.keys() & WRITTEN:
            facts[name] = shown(str(facts[name]))
        super().__init__(" ".join((type(self).__doc__ or "").split()).format(**facts))
        self.facts = facts


class BadEvents(CallsError):
    """This body holds no events: {why}."""


class UncallableTarget(CallsError):
    """{given} cannot be called: {why}"""


class InvalidRequest(CallsError):
    """{sentence}"""

    def __init__(self, sentence: str, *loc: str | int) -> None:
        """`loc`: where in the request's body."""
        super().__init__(sentence=sentence)
        self.loc = ["body", *loc]


class Unnameable(CallsError):
    """{given} cannot be named: {why}"""

    def __init__(self, given: str, why: str, loc: tuple[str, str] = ("path", "raw_id")) -> None:
        """`loc`: where in a request of the REST API."""
        super().__init__(given=given, why=why)
        self.loc = list(loc)


class UnplayableSound(CallsError):
    """{name} cannot be played to callers: {why}"""


class WrongState(CallsError):
    """{what} is not possible now: {why}"""

    status = 409


class UnknownParticipant(CallsError):
    """{who} is not in this call."""

    status = 404


class AcsFailed(CallsError):
    """{words}"""

    status = 502

    def __init__(self, words: str, status: int | None = None, code: str = "", message: str = "") -> None:
        """`status`, `code`, `message`: as ACS said them; without status it was not reached or did not answer.
        `call_id`: of the call that did not come about for it."""
        super().__init__(words=words)
        self.acs_status, self.code, self.message = status, code, message
        self.call_id: UUID | None = None


class NotConfigured(CallsError):
    """No ACS resource is configured: set ACS_CONNECTION_STRING, or ACS_ENDPOINT and ACS_ACCESS_KEY, and start again."""

    status = 503
