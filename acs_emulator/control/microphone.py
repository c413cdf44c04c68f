"""A browser's microphone as a participant: it is in the call, wherever the application moves it, until the browser
leaves or it is put out. Knows no page."""

import asyncio

from aiohttp import WSCloseCode, web

from acs_emulator.calls.conversation import Conversation
from acs_emulator.calls.participant import Participant
from acs_emulator.control.everybody import Everybody
from acs_emulator.errors import Refused
from acs_emulator.media import LiveVoice, converse
from acs_emulator.ticker import Ticker
from acs_emulator.world import World

# How often it is looked whether it is still in a call.
LOOK_SECONDS = 0.1


class Microphone(LiveVoice):
    """A live voice that belongs to a socket. `name`: by which its browser knows it for its own."""

    def __init__(self, ticker: Ticker, name: str) -> None:
        super().__init__(ticker)
        self.name = name


class Occupied(Refused):
    """This is {what} in that call already: join as somebody else."""


def check_free(conversation: Conversation, who: str) -> None:
    """A person of the scenario gives way. Raises Occupied."""
    person = conversation.find(who)
    if person and (person.call or isinstance(person.talker.voice, Microphone)):
        raise Occupied(what="an application" if person.call else "a microphone")


async def attend(socket: web.WebSocketResponse, world: World, conversation: Conversation, who: str, name: str) -> None:
    """Until the browser leaves or the participant is in no call any more. `socket` is prepared already."""
    microphone = Microphone(world.ticker, name)
    conversation.join(who).talker.voice = microphone
    world.journal.write("microphone", who=who, correlation_id=conversation.correlation_id)
    heard = Everybody(conversation, who)
    watching = asyncio.create_task(_watch(socket, world, heard, microphone))
    try:
        await converse(socket, heard, microphone, world.ticker)
    finally:
        watching.cancel()
        if found := _whereabouts(world, microphone):
            found[0].leave(found[1])


async def _watch(socket: web.WebSocketResponse, world: World, heard: Everybody, microphone: Microphone) -> None:
    while found := _whereabouts(world, microphone):
        heard.conversation = found[0]
        await asyncio.sleep(LOOK_SECONDS)
    over = heard.conversation.over
    await socket.close(code=WSCloseCode.OK, message=b"the call is over" if over else b"you were put out of the call")


def _whereabouts(world: World, microphone: Microphone) -> tuple[Conversation, Participant] | None:
    return next(
        (
            (conversation, person)
            for conversation in world.conversations.values()
            for person in conversation.people
            if person.talker.voice is microphone
        ),
        None,
    )
