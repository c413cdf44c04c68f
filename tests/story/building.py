"""Builds a stage: sounds, settings, a server, the emulator at the address that the server knows, its webhook."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from acs_emulator.control import orders
from acs_emulator.keys import DEVELOPMENT_KEY
from acs_emulator.testing import emulator
from tests.faults.installation import Installation
from tests.faults.sounds import speech
from tests.serving import free_port
from tests.story.stage import Stage

EVENTS_KEY = "the-key-of-event-grid"
SOUNDS = {"words.wav": 2.0, "more.wav": 2.0, "short.wav": 0.3}
PROMPTS = """
from pathlib import Path
from calls.models import AnswerRule, Prompt
from calls.prompt_audio import prompt_of
made = prompt_of(Path({folder!r}, "short.wav").read_bytes())
Prompt.objects.create(name="greeting", wav=made.wav, duration_ms=made.duration_ms)
Prompt.objects.create(name="broken", wav=b"no sound at all", duration_ms=300)
AnswerRule.objects.create(called="+15550187", bidirectional=True, transcription_locale="de-DE")
"""


@contextmanager
def staged(folder: Path, scenario: str, more: Mapping[str, str] | None = None) -> Iterator[Stage]:
    """Running from the start; ended with it, in whatever state the test left it. `more` are settings of the server."""
    for seed, (name, seconds) in enumerate(SOUNDS.items()):
        samples = np.frombuffer(speech(seconds, 16_000, seed), "<i2")
        soundfile.write(folder / name, samples, 16_000, subtype="PCM_16")
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
        **(more or {}),
    }
    server = Installation(folder / "var dir", settings)
    try:
        server.start(seconds=120)
        server.token()
        made = server.manage("shell", "-c", PROMPTS.format(folder=str(folder)))
        assert made.returncode == 0, made.stderr
        with emulator(scenario, folder, port) as acs:
            acs.run(orders.subscribe(acs.world, {"url": f"{server.url}/acs/events?key={EVENTS_KEY}"}))
            yield Stage(server, acs)
    finally:
        server.kill()
