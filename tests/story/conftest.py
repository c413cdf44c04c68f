"""One server and one emulator for all stories, and all stories at once."""

from collections.abc import Iterator
from concurrent.futures import Future

import numpy as np
import pytest
import soundfile

from acs_emulator.control import orders
from acs_emulator.keys import DEVELOPMENT_KEY
from acs_emulator.testing import emulator
from tests.faults.installation import Installation
from tests.faults.sounds import speech
from tests.serving import free_port
from tests.story.stage import Stage
from tests.story.telling import STORIES, scenario, tell_all

SOUNDS = """
from pathlib import Path
from calls.models import Prompt
from calls.prompt_audio import prompt_of
made = prompt_of(Path({folder!r}, "short.wav").read_bytes())
Prompt.objects.create(name="greeting", wav=made.wav, duration_ms=made.duration_ms)
Prompt.objects.create(name="broken", wav=b"no sound at all", duration_ms=300)
"""
EVENTS_KEY = "the-key-of-event-grid"


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("story")
    soundfile.write(folder / "words.wav", _samples(2, 1), 16_000, subtype="PCM_16")
    soundfile.write(folder / "more.wav", _samples(2, 2), 16_000, subtype="PCM_16")
    soundfile.write(folder / "short.wav", _samples(0.3, 3), 16_000, subtype="PCM_16")
    port = free_port()
    settings = {
        "ACS_ENDPOINT": f"http://127.0.0.1:{port}",
        "ACS_ACCESS_KEY": DEVELOPMENT_KEY,
        "ACS_CALLER_ID": "+15550199",
        "ACS_EVENTS_KEY": EVENTS_KEY,
        "AUTO_ANSWER": "+15550188,8:acs:own_sam,8:acs:own_tom",
        "ACS_COGNITIVE_ENDPOINT": "https://voices.cognitiveservices.azure.com",
        "API_RATE": "1000000",
        "CHUNK_SECONDS": "4",
    }
    server = Installation(folder / "var dir", settings)
    try:
        server.start(seconds=120)
        server.token()
        made = server.manage("shell", "-c", SOUNDS.format(folder=str(folder)))
        assert made.returncode == 0, made.stderr
        with emulator(scenario(), folder, port) as acs:
            webhook = {"url": f"{server.url}/acs/events?key={EVENTS_KEY}"}
            acs.run(orders.subscribe(acs.world, webhook))
            yield Stage(server, acs)
        assert server.stop() == 0
        assert "Traceback" not in server.output()
    finally:
        server.kill()


@pytest.fixture(scope="session")
def told(stage: Stage, request: pytest.FixtureRequest) -> Iterator[dict[str, Future[None]]]:
    """What becomes of each story that was asked for."""
    asked = [item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")]
    threads, futures = tell_all(stage, [name for name in STORIES if name in asked])
    yield futures
    threads.shutdown(cancel_futures=True)


def _samples(seconds: float, seed: int) -> object:
    return np.frombuffer(speech(seconds, 16_000, seed), "<i2")
