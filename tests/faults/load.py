"""Streams that know, frame by frame, when they handed each to the kernel; for tests that kill what listens."""

import asyncio
import contextlib
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from media.ingest import tokens
from media.sessions.identity import session_of_call
from media.stream.speak import acs_audio, acs_metadata

FRAME = 640
LANE = "4:+15550100"


@dataclass
class Talker:
    """One stream of a call of its own. `sent` are the monotonic times at which its frames went into the socket; `pace`
    the seconds from one to the next (0: as fast as the server takes them), whatever their stamps say. `enough` ends it
    early."""

    seed: int
    seconds: float
    lane: str | None = LANE
    call_id: uuid.UUID = field(default_factory=uuid.uuid4)
    sent: list[float] = field(default_factory=list)
    closed: str = ""
    start: int = 0
    pace: float = 0.02
    enough: bool = False

    def __post_init__(self) -> None:
        samples = int(self.seconds * 16_000)
        self.pcm = np.random.default_rng(self.seed).normal(0, 3000, samples).astype("<i2").tobytes()

    @property
    def session_id(self) -> uuid.UUID:
        return session_of_call(self.call_id)

    def url(self, ws: str) -> str:
        return f"{ws}/acs/media/{tokens.sign_call(self.call_id)}"

    def pcm_sent(self, before: float | None = None) -> bytes:
        """What the kernel had before a monotonic time (None: all that was ever sent)."""
        frames = len(self.sent) if before is None else sum(1 for at in self.sent if at < before)
        return self.pcm[: frames * FRAME]

    async def talk(self, ws: str, headers: Mapping[str, str] | None = None) -> None:
        """Speaks at real-time pace to the end, or until the socket is gone."""
        with contextlib.suppress(OSError, InvalidHandshake):
            async with connect(
                self.url(ws), compression=None, ping_interval=None, additional_headers=headers or {}, close_timeout=1
            ) as socket:
                await socket.send(acs_metadata(str(uuid.uuid4()), 16_000, FRAME))
                self.start = self.start or time.time_ns()
                began = time.monotonic()
                try:
                    for number in range(len(self.sent), len(self.pcm) // FRAME):
                        await asyncio.sleep(max(0.0, began + number * self.pace - time.monotonic()))
                        if self.enough:
                            break
                        frame = self.pcm[number * FRAME : (number + 1) * FRAME]
                        await socket.send(acs_audio(self.start + number * 20_000_000, self.lane, frame, False))
                        self.sent.append(time.monotonic())
                except ConnectionClosed as closed:
                    self.closed = f"{closed.rcvd.code if closed.rcvd else 1006}"


class Crowd:
    """Talkers in a thread of their own, beginning evenly spread over 20 ms."""

    def __init__(self, ws: str, talkers: list[Talker], headers: Mapping[str, str] | None = None) -> None:
        self.ws, self.talkers, self.headers = ws, talkers, headers
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)

    async def _all(self) -> None:
        async def later(number: int, talker: Talker) -> None:
            await asyncio.sleep(number * 0.02 / len(self.talkers))
            await talker.talk(self.ws, self.headers)

        await asyncio.gather(*(later(number, talker) for number, talker in enumerate(self.talkers)))

    def __enter__(self) -> "Crowd":
        self.start()
        return self

    def __exit__(self, fault: object, *_: object) -> None:
        if fault:
            self.enough()
        self.wait()

    def start(self) -> None:
        self._thread.start()

    def wait(self, seconds: float = 120) -> None:
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "the streams did not end"

    def enough(self) -> None:
        for talker in self.talkers:
            talker.enough = True

    def spoke(self) -> bool:
        return all(talker.sent for talker in self.talkers)


def crowd_of(count: int, seconds: float) -> list[Talker]:
    return [Talker(seed, seconds) for seed in range(count)]
