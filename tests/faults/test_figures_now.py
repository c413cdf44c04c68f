"""What is said of a session while it runs: soon, consistent in itself, and in the end what stands."""

import asyncio
import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect

from media.sessions.identity import session_of_call
from media.stream.speak import acs_audio, acs_metadata
from tests.faults.installation import Installation, NotThere
from tests.faults.test_reconnect import abruptly, now

MS = 1_000_000
SECONDS = 4.5
OLDEST = 4.0  # seconds; two, and as many for a busy machine
AWAY_MS = 1_300
DIRT, STRANGE = "{", '{"kind": "New"}'
COUNTED = ("received", "stored", "silent", "duplicate", "malformed", "unknown")
Shape = dict[str, Any]


@dataclass
class Message:
    """`due` in ms from the beginning; `at` when it was sent, and `counts` by name what it added to the figures."""

    due: float
    text: str
    silent: bool = False
    at: float = 0.0
    counts: tuple[str, ...] = ()


@dataclass
class Stream:
    """A call of its own, at real-time pace, spoiled by chance."""

    seed: int
    lanes: tuple[str | None, ...]
    rate: int = 16_000
    breaks: bool = False
    call: uuid.UUID = field(default_factory=uuid.uuid4)
    messages: list[Message] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        chance, start = random.Random(self.seed), now()
        for lane in self.lanes:
            self.messages += self._lane(chance, lane, start)
        self.messages.sort(key=lambda message: message.due)

    def _lane(self, chance: random.Random, lane: str | None, start: int) -> Iterator[Message]:
        due, shift = chance.choice((0, 700, 2_500)), 0
        noise = np.random.default_rng(self.seed)
        while due < SECONDS * 1000:
            silent, empty = chance.random() < 0.3, chance.random() < 0.05
            pcm = b"" if empty else noise.normal(0, 3000, self.rate // 50).astype("<i2").tobytes()
            text = acs_audio(start + (due + shift) * MS, lane, pcm, silent)
            came = due + 20 * chance.choice((1, 3, 6, 9, 12)) + 1 if chance.random() < 0.03 else due
            yield Message(came, text, silent)
            if chance.random() < 0.05:
                yield Message(came + 20 * chance.randrange(8) + 2, text, silent)
            if chance.random() < 0.02:
                yield Message(due, chance.choice((DIRT, STRANGE)))
            due += 20
            if chance.random() < 0.02:
                due += 20 * chance.randrange(1, 40)
            shift += chance.choice((37, 140, 513)) if chance.random() < 0.01 else 0

    async def play(self, server: Installation) -> None:
        """Stays when all is said, until it was asked about: `enough`."""
        began, breaks_at = time.monotonic(), SECONDS * (600 if self.breaks else 1000)
        before = [message for message in self.messages if message.due < breaks_at]
        after = [message for message in self.messages if message.due > breaks_at + AWAY_MS]
        parts = [before, after] if self.breaks else [self.messages]
        for part in parts:
            async with connect(server.media_url(self.call), compression=None, proxy=None) as socket:
                await socket.send(acs_metadata(str(uuid.uuid4()), self.rate, self.rate // 25))
                await self._say(socket, part, began)
                if part is not parts[-1]:
                    abruptly(socket)
                else:
                    await self.enough.wait()

    async def _say(self, socket: ClientConnection, messages: list[Message], began: float) -> None:
        for message in messages:
            await asyncio.sleep(max(0.0, began + message.due / 1000 - time.monotonic()))
            await socket.send(message.text)
            message.counts = self._counts(message)
            message.at = time.monotonic()

    def _counts(self, message: Message) -> tuple[str, ...]:
        if message.text in (DIRT, STRANGE):
            return ("malformed" if message.text == DIRT else "unknown",)
        if message.text in self.said:
            return "received", "duplicate"
        self.said.add(message.text)
        return ("received", "stored", "silent") if message.silent else ("received", "stored")

    def sent(self, before: float) -> dict[str, int]:
        said = [message.counts for message in self.messages if 0 < message.at < before]
        return {name: sum(name in counts for counts in said) for name in COUNTED}


STREAMS = (
    Stream(0, ("4:+15550100", "8:acs:resource_user")),
    Stream(10, (None,)),
    Stream(11, ("4:+15550100", "8:orgid:0a1b"), rate=24_000),
    Stream(12, ("4:+15550100", "8:acs:resource_user"), breaks=True),
)


def wrong(session: Shape) -> list[str]:
    """Which of the identities of a session's figures do not hold."""
    lanes, found = session["participants"], []
    for name, one in [("session", session), *((lane["raw_id"], lane) for lane in lanes)]:
        frames, coverage = one["frames"], one["coverage"]
        if frames["received"] != frames["stored"] + frames["duplicate"]:
            found.append(f"{name}: received")
        if max(frames["silent"], frames["late"]) > frames["stored"]:
            found.append(f"{name}: silent or late")
        if coverage["expected_ms"] != coverage["stored_ms"] + coverage["gap_ms"]:
            found.append(f"{name}: expected_ms")
    for name in ("received", "stored", "silent", "duplicate", "late"):
        if session["frames"][name] != sum(lane["frames"][name] for lane in lanes):
            found.append(f"{name} is not the sum of the lanes'")
    if session["coverage"] != {name: sum(lane["coverage"][name] for lane in lanes) for name in session["coverage"]}:
        found.append("coverage is not the sum of the lanes'")
    if abs(session["coverage"]["stored_ms"] - 20 * session["frames"]["stored"]) > 20:
        found.append("stored_ms is not the time of stored")
    return found


def ages(stream: Stream, session: Shape, asked: float, told: float) -> list[str]:
    """Which figures are older than OLDEST, or more than was sent."""
    least, most = stream.sent(asked - OLDEST), stream.sent(told)
    frames = session["frames"]
    found = [f"{n}: {frames[n]} of {least[n]}…{most[n]}" for n in COUNTED if not least[n] <= frames[n] <= most[n]]
    if least["received"] and session["channels"] != ("mixed" if None in stream.lanes else "unmixed"):
        found.append(f"channels: {session['channels']}")
    return found


def figures(session: Shape) -> Shape:
    """What must not change any more when a stream ends."""
    gone = ("state", "reason", "live", "ended_at", "connections", "related")
    return {name: value for name, value in session.items() if name not in gone}


async def watch(server: Installation, stream: Stream, found: list[str]) -> None:
    """Asks again and again until the last message is sent."""
    while not stream.messages[-1].at:
        asked = time.monotonic()
        try:
            session = await asyncio.to_thread(server.session, session_of_call(stream.call))
        except NotThere:
            session = {}
        if session:
            found += [
                f"{stream.seed}: {each}" for each in wrong(session) + ages(stream, session, asked, time.monotonic())
            ]
        elif stream.sent(asked - OLDEST)["received"]:
            found.append(f"{stream.seed}: is not there")
        await asyncio.sleep(0.7)


def last_said(server: Installation, stream: Stream) -> Shape:
    session_id, sent = session_of_call(stream.call), stream.sent(time.monotonic())["received"]
    server.until(lambda: bool(server.session(session_id)["frames"]["received"] == sent), 30, "not all is told")
    return server.session(session_id)


@pytest.mark.slow
async def test_it_says_of_a_running_session_what_will_stand(uvicorn: Installation) -> None:
    uvicorn.token()
    found: list[str] = []
    playing = [asyncio.create_task(stream.play(uvicorn)) for stream in STREAMS]
    await asyncio.gather(*(watch(uvicorn, stream, found) for stream in STREAMS))
    assert found == []
    await asyncio.sleep(1.2)  # no figures are kept any more, and none is counted too often
    said = [await asyncio.to_thread(last_said, uvicorn, stream) for stream in STREAMS]
    for stream in STREAMS:
        stream.enough.set()
    await asyncio.gather(*playing)
    for stream, last in zip(STREAMS, said, strict=True):
        session = await asyncio.to_thread(uvicorn.until_archived, session_of_call(stream.call))
        assert last["live"]
        assert figures(session) == figures(last), stream.seed
        assert session["frames"]["late"] or stream.seed != 0
