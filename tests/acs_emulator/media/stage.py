"""A call of two talkers and the world around it: all that a Stream needs, with no REST and no events."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext
from typing import Any

import numpy as np
import soundfile

from acs_emulator.clock import Clock
from acs_emulator.journal import Journal
from acs_emulator.media import FileVoice, LiveVoice, Said, Stream, StreamOptions, Talker
from acs_emulator.record import Record
from acs_emulator.scenario import Scenario
from acs_emulator.ticker import Ticker
from tests.acs_emulator.sockets import MediaServer, media_server

ADA, BEN = "4:+15550100", "8:acs:res_ben"


@dataclass
class World:
    scenario: Scenario
    clock: Clock = field(default_factory=Clock)
    ticker: Ticker = field(default_factory=Ticker)
    record: Record = field(default_factory=lambda: Record(audio=True, memory=True))
    trust: SSLContext | None = None
    tokens: int = 0

    def __post_init__(self) -> None:
        self.journal = Journal(self.clock)

    def socket_token(self) -> str:
        self.tokens += 1
        return f"jwt-{self.tokens}"


@dataclass
class Call:
    everybody: list[Talker]
    application: LiveVoice | None = None
    call_connection_id: str = "11111111-aaaa-4000-8000-000000000001"
    correlation_id: str = "22222222-bbbb-4000-8000-000000000002"
    people: Sequence[str] = (ADA,)
    told: list[tuple[str, str, int, int]] = field(default_factory=list)

    def talkers(self) -> Sequence[Talker]:
        return self.everybody

    def hears_from(self, tick: int) -> None:
        """Who is heard when is the test's own affair."""

    def streaming_changed(self, status: str, details: str, code: int, sub_code: int, message: str) -> None:
        self.told.append((status, details, code, sub_code))

    transcription_changed = streaming_changed


@dataclass
class Stage:
    server: MediaServer
    world: World
    call: Call
    stream: Stream


def noise(path: Path, seconds: float, seed: int, rate: int = 16_000) -> bytes:
    """A WAV of s16 noise, no frame of it silent; returns its PCM."""
    pcm = np.random.default_rng(seed).integers(-3000, 3000, round(seconds * rate), dtype=np.int16)
    soundfile.write(path, pcm, rate, subtype="PCM_16")
    return pcm.tobytes()


def scenario(tmp_path: Path, text: str = "") -> Scenario:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    return Scenario.load(path)


def speaking(path: Path, start_ms: int = 0) -> FileVoice:
    return FileVoice([Said(path, start_ms)])


@asynccontextmanager
async def stage(
    decisions: Scenario, talkers: Sequence[Talker], *, start: bool = True, **options: Any
) -> AsyncIterator[Stage]:
    """A stream that runs at a server of the tests' own; unmixed unless told otherwise."""
    async with media_server() as server:
        world = World(decisions)
        world.ticker.start()
        call = Call(list(talkers), LiveVoice(world.ticker, limit_ms=600_000))
        stream = Stream(call, StreamOptions(**{"transport_url": server.url, "mixed": False, **options}), world)
        try:
            if start:
                for talker in call.everybody:
                    talker.joined_tick = world.ticker.number + 3
                await stream.start()
            yield Stage(server, world, call, stream)
        finally:
            await stream.stop("the test is over")
            await world.ticker.stop()
            await asyncio.sleep(0)
