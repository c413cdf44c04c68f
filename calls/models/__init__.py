"""What is known of telephone calls: their life, their people, what came in, what is told to callers; and the tokens of
programs. Knows nothing of audio that was recorded."""

from calls.models.book import Person
from calls.models.call import Call
from calls.models.events import CallEvent, Witness
from calls.models.incoming import AnswerRule, IncomingCall
from calls.models.participants import CallParticipant
from calls.models.prompts import Prompt
from calls.models.requests import PlacedOnce
from calls.models.tokens import ApiToken

__all__ = [
    "AnswerRule",
    "ApiToken",
    "Call",
    "CallEvent",
    "CallParticipant",
    "IncomingCall",
    "Person",
    "PlacedOnce",
    "Prompt",
    "Witness",
]
