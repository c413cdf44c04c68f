"""What people mean by a call: everybody who hears each other. Each application in it has a leg of its own (call.py).
Knows no REST; tells the legs what changed."""

import asyncio
import base64
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from acs_emulator.calls.identifiers import completed
from acs_emulator.calls.participant import Participant
from acs_emulator.calls.results import ENDED, Result
from acs_emulator.media import Talker, Voice

if TYPE_CHECKING:
    from acs_emulator.calls.call import Call
    from acs_emulator.calls.invitation import Invitation
    from acs_emulator.world import World


class Conversation:
    """kind: `call`, or `group` or `room`, which exist by their `place` id even while nobody is in them.

    people: in the order in which they joined, applications among them; legs share correlation_id and server_call_id.
    """

    def __init__(self, world: "World", started_by: str, *, kind: str = "call", place: str = "") -> None:
        self._world = world
        self.kind, self.place, self.started_by = kind, place, started_by
        self.correlation_id = str(uuid.uuid4())
        self.server_call_id = _server_call_id()
        self.people: list[Participant] = []
        self.ringing: list[Invitation] = []
        self.began: float | None = None
        self.over = False
        self._lives: dict[Participant, asyncio.Task[None]] = {}
        world.conversations[self.server_call_id] = self
        if kind != "call":
            world.gatherings[kind, place] = self

    @property
    def legs(self) -> list["Call"]:
        return [person.call for person in self.people if person.call]

    @property
    def listed(self) -> list[Participant]:
        return [person for person in self.people if person.listed]

    def find(self, raw_id: str) -> Participant | None:
        return next((person for person in self.people if person.raw_id == raw_id), None)

    def join(self, raw_id: str, voice: Voice | None = None) -> Participant:
        """A person comes in, with the scenario's voice unless another is given; who is in already stays as they are."""
        if found := self.find(raw_id):
            return found
        talker = Talker(raw_id, voice or self._world.scenario.voice(raw_id), self._world.ticker.number + 1)
        person = Participant(talker)
        self._enter(person)
        self._lives[person] = self._world.spawn(self._live(person), f"{raw_id} in the call")
        return person

    def join_application(self, call: "Call", listed: bool) -> Participant:
        talker = Talker(call.own_id, call.voice, self._world.ticker.number + 1)
        person = Participant(talker, call, listed)
        self._enter(person)
        return person

    def leave(self, person: Participant) -> None:
        """Nothing happens to who is not in it. The conversation ends with the last two."""
        if person not in self.people:
            return
        self.people.remove(person)
        if (life := self._lives.pop(person, None)) and life is not asyncio.current_task():
            life.cancel()
        self._world.journal.write("left", who=person.raw_id, correlation_id=self.correlation_id)
        self._world.grid.participant(self, person, "CallParticipantRemoved")
        self.give_up(person.raw_id)
        if not self.end_if_deserted():
            self.changed()
            if person.call:
                self._left_alone()

    def give_up(self, caller: str) -> bool:
        """Who hangs up lets nobody ring any longer; False where nobody did."""
        settled = [invitation.settle("cancelled") for invitation in self.ringing if invitation.caller == caller]
        return any(settled)

    def end_if_deserted(self) -> bool:
        """Fewer than two, and nobody rings: a telephone call is over; a group or a room waits for whoever comes."""
        rings = any(invitation.waiting for invitation in self.ringing)
        if self.over or len(self.people) > 1 or rings or (self.kind != "call" and self.people):
            return self.over
        self.end()
        return True

    def end(self, result: Result = ENDED) -> None:
        """Everybody is out; each leg is told."""
        if self.over:
            return
        self.over = True
        for invitation in tuple(self.ringing):
            invitation.settle("cancelled")
        for life in self._lives.values():
            if life is not asyncio.current_task():
                life.cancel()
        for call in self.legs:
            call.end(result)
        self._world.conversations.pop(self.server_call_id, None)
        self._world.gatherings.pop((self.kind, self.place), None)
        for recording in [r for r in self._world.recordings.values() if r.conversation is self]:
            recording.stop()
        if self.began is not None:
            self._world.grid.call_ended(self, time.monotonic() - self.began)

    def changed(self) -> None:
        """Who is in it, muted or on hold."""
        for call in self.legs:
            call.participants_changed()

    def connected(self) -> None:
        """The first application is in it with somebody else: it began, and uninvited guests are on their way."""
        if self.began is not None:
            return
        self.began = time.monotonic()
        self._world.grid.call_started(self)
        for guest in self._world.scenario.guests:
            self._world.spawn(self._drop_in(guest.who, guest.joins), f"{guest.who} joins")
        self._left_alone()

    def press(self, person: Participant, key: str) -> None:
        """A key (`0`–`9`, `*`, `#`, `a`–`d`), heard by every application."""
        person.pressed.append(key)
        self._world.journal.write("pressed", who=person.raw_id, key=key, correlation_id=self.correlation_id)
        for call in self.legs:
            if call is not person.call:
                call.key_pressed(person.raw_id, key)

    def heard_by(self, me: Participant | None) -> Sequence[Talker]:
        """Everybody else, as a participant hears them: only music while on hold, and no prompts that are for others."""
        others = [person for person in self.people if person is not me]
        if me and me.talker.on_hold:
            muted = [replace(other.talker, muted=True) for other in others]
            music = me.music
            return [music if music and music.raw_id == talker.raw_id else talker for talker in muted]
        return [other.heard_by(me.raw_id if me else "") for other in others]

    def _enter(self, person: Participant) -> None:
        self.people.append(person)
        self._world.journal.write("joined", who=person.raw_id, correlation_id=self.correlation_id)
        self._world.grid.participant(self, person, "CallParticipantAdded")
        self.changed()

    def _left_alone(self) -> None:
        """People without an application hang up some day: a night of transfers must not pile up."""

        async def talk_on() -> None:
            await asyncio.sleep(self._world.scenario.file.alone)
            if not self.legs:
                self.end()

        if not self.legs and self.kind == "call":
            self._world.spawn(talk_on(), f"{self.correlation_id} without an application")

    async def _drop_in(self, who: str, after: float) -> None:
        await asyncio.sleep(after)
        if not self.over:
            self.join(completed(who))

    async def _live(self, person: Participant) -> None:
        """What the scenario lets a person do by themselves: press keys, hang up."""
        scenario, raw_id = self._world.scenario, person.raw_id
        begin = asyncio.get_running_loop().time()
        for after, key in scenario.presses(raw_id):
            await asyncio.sleep(begin + after - asyncio.get_running_loop().time())
            self.press(person, key)
        if (leaves := scenario.leaves(raw_id)) is not None:
            await asyncio.sleep(begin + leaves - asyncio.get_running_loop().time())
            self.leave(person)


def _server_call_id() -> str:
    """In the service's form (ACS.md 4.4)."""
    address = f"https://api.flightproxy.skype.com/api/v2/cp/conv-emulator.conv.skype.com/conv/{uuid.uuid4().hex}"
    return base64.b64encode(f"{address}?i=127-0-0-1&e={uuid.uuid4().int % 10**18}".encode()).decode()
