"""A telephone that rings: until it is answered, refused, redirected, given up, or nobody came. Knows no REST."""

import asyncio
import base64
import gzip
import json
import os
import uuid
from typing import TYPE_CHECKING, Literal

from acs_emulator.calls.identifiers import is_user
from acs_emulator.media import Voice

if TYPE_CHECKING:
    from acs_emulator.calls.call import Call
    from acs_emulator.calls.conversation import Conversation
    from acs_emulator.world import World

Outcome = Literal["answered", "busy", "declined", "no_answer", "cancelled"]

# How long a telephone rings unless the request says; the service's own figure is undocumented, its largest is 180.
RINGING_SECONDS = 60
LONGEST_RINGING_SECONDS = 180

# So many bytes at random make about 7.5 kB of context.
CONTEXT_FILLER = 3_600

_HEADER = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"


class Invitation:
    """One target of one conversation. Whoever settles it first wins: the person of the scenario, the control page, or
    an application that answers, rejects or redirects the IncomingCall event (`context`). `call`: that application's
    leg; `came`: who answered, which after a redirection is not who was called; `headers`: what the caller's application
    passes on to the called one.

    by_person: the scenario may answer; not so for a call that comes in for the application.
    """

    def __init__(
        self, world: "World", conversation: "Conversation", caller: str, target: str, *, by_person: bool = True
    ) -> None:
        self.id = str(uuid.uuid4())
        self.conversation, self.caller, self.target = conversation, caller, target
        self.caller_name = ""
        self.headers: dict[str, dict[str, str]] = {"sipHeaders": {}, "voipHeaders": {}}
        self.caller_voice: Voice | None = None
        self.by_person = by_person
        self.context = _context(self.id)
        self.call: Call | None = None
        self.came = target
        self.withdrawn = False
        self._further: Invitation | None = None
        self._world = world
        self._outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    @property
    def waiting(self) -> bool:
        return not self._outcome.done()

    def settle(self, outcome: Outcome, call: "Call | None" = None) -> bool:
        """False where somebody was faster."""
        if not self.waiting:
            return False
        self.call = call
        self._outcome.set_result(outcome)
        return True

    def redirect(self, target: str) -> bool:
        """Rings somebody else instead; False where it is settled already."""
        further = Invitation(self._world, self.conversation, self.caller, target)
        further.caller_name, further.headers = self.caller_name, self.headers
        self._further = further if self.waiting else None
        return self.settle("cancelled")

    async def ring(self, seconds: float = RINGING_SECONDS) -> Outcome:
        """Returns when it is settled, redirections followed; nobody within `seconds` is `no_answer`."""
        outcome = await self._ring(seconds)
        if self._further:
            outcome = await self._further.ring(seconds)
            self.call, self.came = self._further.call, self._further.came
        return outcome

    async def _ring(self, seconds: float) -> Outcome:
        self._world.invitations[self.context] = self
        self.conversation.ringing.append(self)
        self._world.journal.write(
            "ringing", who=self.target, caller=self.caller, correlation_id=self.conversation.correlation_id
        )
        person = self._world.spawn(self._person(), f"{self.target} answers") if self.by_person else None
        try:
            self._announce()
            async with asyncio.timeout(seconds):
                await asyncio.shield(self._outcome)
        except TimeoutError:
            self.settle("no_answer")
        finally:
            if person:
                person.cancel()
            self._over()
        self._world.journal.write(
            self._outcome.result(), who=self.target, correlation_id=self.conversation.correlation_id
        )
        return self._outcome.result()

    def _over(self) -> None:
        self.settle("cancelled")
        self._world.invitations.pop(self.context, None)
        if self in self.conversation.ringing:
            self.conversation.ringing.remove(self)

    def _announce(self) -> None:
        """IncomingCall fires for every identity that an application could own, our own legs included (ACS.md 6)."""
        if is_user(self.target) or not self.by_person:
            self._world.grid.incoming(self)

    async def _person(self) -> None:
        answer = self._world.scenario.answer(self.target)
        if answer.after is not None:
            await asyncio.sleep(answer.after)
            self.settle("answered")
        elif answer != "no_answer":
            await asyncio.sleep(0.2)
            self.settle("busy" if answer == "busy" else "declined")


def _context(invitation_id: str) -> str:
    """`incomingCallContext` in the service's form: a JWT without signature around compressed JSON (ACS.md 4.4), and of
    its size, which not every field of a database takes."""
    call = {"invitationId": invitation_id, "filler": os.urandom(CONTEXT_FILLER).hex()}
    inner = base64.b64encode(gzip.compress(json.dumps(call).encode(), mtime=0)).decode()
    payload = base64.urlsafe_b64encode(json.dumps({"cc": inner}).encode()).decode().rstrip("=")
    return f"{_HEADER}.{payload}."
