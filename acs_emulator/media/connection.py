"""One open socket of a stream: writes messages, counts and records what really went out. Knows no faults."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from acs_emulator.media.frame import Frame
from acs_emulator.media.seams import StreamedCall, StreamWorld
from acs_emulator.media.socket import DialFailed, OnLost, OnMessage, Socket, dial

# An application that does not read for this long is cut off, like a broken connection.
LARGEST_BACKLOG = 8 << 20


class Connection:
    """Made by `open_connection`. subscription_id: this socket's, as in its metadata."""

    def __init__(
        self, socket: Socket, number: int, subscription_id: str, world: StreamWorld, people: Sequence[str] = ()
    ) -> None:
        self.socket, self.number, self.subscription_id = socket, number, subscription_id
        self._world = world
        plan = world.scenario.stream(people)
        self._generation, self._digits = plan.messages, plan.stamp_digits
        self.messages = 0

    def audio(self, frame: Frame) -> None:
        """Goes out with the next `flush` of the socket."""
        text = frame.text(self._generation, self._digits)
        self.socket.send(text, binary=frame.binary, pieces=frame.pieces, flush=False)
        self.messages += 1
        if self._world.record.on:
            facts = {"lane": frame.lane, "stamp": frame.written(self._digits), "silent": frame.silent}
            damaged = {"text": text} if frame.damage else {}
            self._recorded("AudioData", facts | {"faults": frame.faults} | damaged, frame.carried())

    def other(self, kind: str, text: str, **facts: Any) -> None:
        """Any message but audio."""
        self.socket.send(text)
        self.messages += 1
        if self._world.record.on:
            self._recorded(kind, facts | {"text": text}, None)

    def ended(self, code: int | None, reason: str, by: str) -> None:
        """Notes the end; `code` None: no close frame."""
        facts = {"code": code, "reason": reason, "by": by, "messages": self.messages, "unsent": self.socket.unsent}
        self._world.record.write("closed", self.number, self._world.clock.iso(), **facts)
        self._world.record.flush()
        self._world.journal.write("socket_closed", connection=self.number, **facts)

    def _recorded(self, kind: str, facts: Mapping[str, Any], pcm: bytes | None) -> None:
        self._world.record.message(self.number, self.messages, self._world.clock.iso(), kind, facts, pcm)


async def open_connection(
    call: StreamedCall, url: str, subscription_id: str, world: StreamWorld, on_message: OnMessage, on_lost: OnLost
) -> Connection:
    """Dials as the service does (ACS.md 1): the documented headers, one new JWT for each socket. Raises DialFailed."""
    headers = {
        "Authorization": f"Bearer {world.socket_token()}",
        "x-ms-call-connection-id": call.call_connection_id,
        "x-ms-call-correlation-id": call.correlation_id,
    }
    sent = headers if world.scenario.stream(call.people).headers else {}
    socket = await dial(url, sent, on_message, on_lost, world.trust)
    connection = Connection(socket, world.record.connection(), subscription_id, world, call.people)
    facts = {"call_connection_id": call.call_connection_id, "subscription_id": subscription_id}
    world.record.write("opened", connection.number, world.clock.iso(), **facts, correlation_id=call.correlation_id)
    world.journal.write("socket_opened", connection=connection.number, **facts, url=without_query(url))
    return connection


def note_failure(call: StreamedCall, url: str, world: StreamWorld, failed: DialFailed, **facts: int) -> None:
    """In the journal."""
    facts_of_call = {"call_connection_id": call.call_connection_id, "url": without_query(url)}
    world.journal.write("dial_failed", **facts_of_call, why=str(failed), status=failed.status, **facts)


def without_query(url: str) -> str:
    """An address for people: no query and no last part of the path, where applications put secrets."""
    address = url.partition("?")[0]
    start = address.find("/", address.find("//") + 2)
    return address if start < 0 else address[: max(start, address.rfind("/"))] + "/…"


def new_id() -> str:
    return str(uuid.uuid4())
