"""What goes wrong with calls, in a sentence that says what to do; each docstring is the message. Pure.

CallsError
├── BadEvents           a body that ACS cannot have sent
├── UncallableTarget    what somebody wants to call, and how to write it instead
└── UnplayableSound     a file that is to be an announcement
"""

from typing import Any


class CallsError(Exception):
    """Something is wrong with a call."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()).format(**facts))
        self.facts = facts


class BadEvents(CallsError):
    """This body holds no events: {why}."""


class UncallableTarget(CallsError):
    """{given} cannot be called: {why}"""


class UnplayableSound(CallsError):
    """{name} cannot be played to callers: {why}"""
