"""The world as the page shows it: JSON of conversations, their people and the applications' legs."""

from typing import Any

from acs_emulator.calls.call import Call
from acs_emulator.calls.conversation import Conversation
from acs_emulator.calls.participant import Participant
from acs_emulator.control.microphone import Microphone
from acs_emulator.media.connection import without_query
from acs_emulator.world import World


def state(world: World) -> dict[str, Any]:
    return {
        "scenario": world.scenario.name,
        "title": world.scenario.title,
        "url": world.base_url,
        "time": world.clock.iso(),
        "webhooks": [{"url": without_query(s.url), "schema": s.schema} for s in world.grid.subscriptions],
        "conversations": [conversation(found) for found in world.conversations.values()],
    }


def conversation(found: Conversation) -> dict[str, Any]:
    return {
        "correlation_id": found.correlation_id,
        "kind": found.kind,
        "place": found.place,
        "people": [_person(person) for person in found.people],
        "ringing": [{"id": i.id, "who": i.target, "caller": i.caller} for i in found.ringing if i.waiting],
        "legs": [_leg(call) for call in found.legs],
    }


def _person(person: Participant) -> dict[str, Any]:
    voice = person.talker.voice
    named = {"microphone_name": voice.name} if isinstance(voice, Microphone) else {}
    return {
        "who": person.raw_id,
        "application": person.call is not None,
        "microphone": isinstance(voice, Microphone),
        **named,
        "muted": person.talker.muted,
        "on_hold": person.talker.on_hold,
    }


def _leg(call: Call) -> dict[str, Any]:
    return {
        "call_connection_id": call.call_connection_id,
        "state": call.state,
        "streaming": call.stream.state if call.stream else "not asked for",
        "transcription": call.transcription.state if call.transcription else "not asked for",
    }
