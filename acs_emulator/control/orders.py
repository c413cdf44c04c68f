"""What may be done by hand: call in, answer, talk, press keys, hang up, spoil something. Each takes JSON and answers
JSON; a wrong order is a sentence. Knows no page."""

import asyncio
import json
import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from acs_emulator.calls.actions import TONES
from acs_emulator.calls.conversation import Conversation
from acs_emulator.calls.identifiers import completed
from acs_emulator.calls.invitation import Invitation
from acs_emulator.calls.participant import Participant
from acs_emulator.calls.people import put_out
from acs_emulator.calls.placing import call_in
from acs_emulator.control.state import conversation as shown
from acs_emulator.errors import Refused
from acs_emulator.events.grid import Subscription
from acs_emulator.media import LiveVoice
from acs_emulator.media.connection import without_query
from acs_emulator.media.sounds import load
from acs_emulator.scenario import parse_fault
from acs_emulator.scenario.reading import parse
from acs_emulator.world import World

Fields = Mapping[str, Any]

RATE = 16_000
LONGEST_SPEECH_MS = 600_000
HOW_TO_REFUSE = ("busy", "declined", "no_answer")


class BadOrder(Refused):
    """{why}"""


async def incoming(world: World, fields: Fields) -> dict[str, Any]:
    """`caller` calls `called`, with `name`."""
    caller, called = completed(_text(fields, "caller")), completed(_text(fields, "called"))
    if not world.grid.subscriptions:
        world.journal.write("warning", why="nobody is told of this call: no webhook has subscribed to Event Grid")
    invitation = call_in(world, caller, called, str(fields.get("name") or ""))
    await asyncio.sleep(0)  # it rings
    return shown(invitation.conversation)


async def subscribe(world: World, fields: Fields) -> dict[str, Any]:
    """A webhook for Event Grid's events: `url`, `schema` (eventgrid or cloudevents), `called` (a list)."""
    schema = str(fields.get("schema") or "eventgrid")
    if schema not in {"eventgrid", "cloudevents"}:
        raise BadOrder(why="schema is eventgrid or cloudevents.")
    listed = fields.get("called") or []
    if not isinstance(listed, list):
        raise BadOrder(why="called is a list of numbers or ids.")
    called = tuple(completed(str(one)) for one in listed)
    subscription = Subscription(_text(fields, "url"), "cloudevents" if schema == "cloudevents" else "eventgrid", called)
    if not await world.grid.subscribe(subscription):
        where = without_query(subscription.url)
        raise BadOrder(why=f"No handshake of {schema} with {where}: {subscription.why}.")
    return {"valid": True}


async def join(world: World, fields: Fields) -> dict[str, Any]:
    """`who` comes into a conversation uninvited."""
    found = _conversation(world, fields)
    found.join(completed(_text(fields, "who")))
    return shown(found)


async def answer(world: World, fields: Fields) -> dict[str, Any]:
    """The telephone of `who` is answered, whatever the scenario says."""
    invitation = _ringing(world, fields)
    invitation.settle("answered")
    return shown(invitation.conversation)


async def refuse(world: World, fields: Fields) -> dict[str, Any]:
    """`how`: busy, declined or no_answer."""
    invitation, how = _ringing(world, fields), str(fields.get("how") or "declined")
    if how == "busy":
        invitation.settle("busy")
    elif how == "no_answer":
        invitation.settle("no_answer")
    elif how == "declined":
        invitation.settle("declined")
    else:
        raise BadOrder(why=f"how is one of {', '.join(HOW_TO_REFUSE)}.")
    return shown(invitation.conversation)


async def leave(world: World, fields: Fields) -> dict[str, Any]:
    """`who` hangs up, also while it still rings; an application is put out."""
    found = _conversation(world, fields)
    if found.give_up(completed(_text(fields, "who"))):
        return shown(found)
    found, person = _person(world, fields)
    put_out(found, person)
    return shown(found)


async def press(world: World, fields: Fields) -> dict[str, Any]:
    """`who` presses `keys`: 0 to 9, *, #, a to d."""
    found, person = _person(world, fields)
    keys = _text(fields, "keys").lower()
    if not all(key in TONES for key in keys):
        raise BadOrder(why=f"keys are {''.join(TONES)}.")
    for key in keys:
        found.press(person, key)
    return shown(found)


async def say(world: World, fields: Fields) -> dict[str, Any]:
    """`who` says a `sound` now: one that is shipped, or beside the scenario file. Raises BadSound."""
    found, person = _person(world, fields)
    name = _text(fields, "sound")
    if PurePath(name).name != name:
        raise BadOrder(why="sound is the name of a file beside the scenario, or ada.ogg, ben.ogg, cleo.ogg….")
    pcm = load(world.scenario.sound(name), RATE)
    speaking(world, person).feed(pcm, RATE)
    return shown(found)


async def fault(world: World, fields: Fields) -> dict[str, Any]:
    """`stream`, `event` or `rest`: one fault as a scenario has it; `stream` for one `conversation`, or all. Raises
    BadScenario."""
    if isinstance(stream := fields.get("stream"), dict):
        spoiled = parse_fault(stream)
        only = [_conversation(world, fields)] if fields.get("conversation") else list(world.conversations.values())
        streams = [call.stream for found in only for call in found.legs if call.stream]
        for one in streams:
            one.inject(spoiled)
        return {"streams": len(streams)}
    parts = {name: [fields[key]] for key, name in (("event", "events"), ("rest", "rest")) if fields.get(key)}
    if not parts:
        raise BadOrder(why="a fault has stream, event or rest, as in a scenario file.")
    added = parse(json.dumps(parts), "the fault")
    world.scenario.file.events += added.events
    world.scenario.file.rest += added.rest
    return {"added": len(added.events) + len(added.rest)}


async def clock(world: World, fields: Fields) -> dict[str, Any]:
    """The service's clock jumps by `seconds`."""
    seconds = fields.get("seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not math.isfinite(seconds):
        raise BadOrder(why="seconds is a number; negative goes back.")
    world.clock.jump(seconds)
    return {"time": world.clock.iso()}


ORDERS = {
    "incoming": incoming,
    "subscriptions": subscribe,
    "join": join,
    "answer": answer,
    "refuse": refuse,
    "leave": leave,
    "press": press,
    "say": say,
    "faults": fault,
    "clock": clock,
}


def speaking(world: World, person: Participant) -> LiveVoice:
    """The live voice of a person, in place of the scenario's."""
    if not isinstance(person.talker.voice, LiveVoice):
        person.talker.voice = LiveVoice(world.ticker, limit_ms=LONGEST_SPEECH_MS)
    return person.talker.voice


def found_conversation(world: World, correlation_id: str) -> Conversation:
    """Raises BadOrder."""
    found = (c for c in world.conversations.values() if c.correlation_id == correlation_id)
    if (conversation := next(found, None)) is None:
        raise BadOrder(why=f"there is no conversation {correlation_id!r} now.")
    return conversation


def _conversation(world: World, fields: Fields) -> Conversation:
    return found_conversation(world, _text(fields, "conversation"))


def _person(world: World, fields: Fields) -> tuple[Conversation, Participant]:
    found, who = _conversation(world, fields), completed(_text(fields, "who"))
    if (person := found.find(who)) is None:
        raise BadOrder(why=f"{who} is not in that conversation.")
    return found, person


def _ringing(world: World, fields: Fields) -> Invitation:
    found, who = _conversation(world, fields), completed(_text(fields, "who"))
    invitation = next((i for i in found.ringing if i.waiting and i.target == who), None)
    if invitation is None:
        raise BadOrder(why=f"{who} is not ringing in that conversation.")
    return invitation


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise BadOrder(why=f"{name} is missing.")
    return value
