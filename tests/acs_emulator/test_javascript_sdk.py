"""The emulator over TLS before the JavaScript SDK: a walk with a connection string, and the SDK's own parsers for what
came over sockets and callbacks."""

import asyncio
import json
import os
import subprocess
from pathlib import Path

from acs_emulator.tls import Authority
from tests.acs_emulator.service.application import Application, Server
from tests.acs_emulator.sockets import MediaServer, media_server
from tests.acs_emulator.started import started
from tests.node import NODE

WALK = Path(__file__).with_name("walk.mjs")


async def test_it_works_unchanged_with_a_connection_string(tmp_path: Path) -> None:
    folder = tmp_path / "acs-emulator"
    async with media_server(Authority(folder).server_context()) as media:
        with Server() as application:
            await asyncio.to_thread(walk, application, media.url, {**os.environ, "VAR_DIR": str(tmp_path)})
            kinds = await asyncio.to_thread(parsed, application, media)
    assert {"AudioMetadata", "AudioData", "TranscriptionMetadata"} <= kinds.keys()
    assert {"CallConnected", "MediaStreamingStarted", "TranscriptionUpdated", "RecordingStateChanged"} <= kinds.keys()
    assert "undefined" not in kinds


def walk(application: Application, media: str, environment: dict[str, str]) -> None:
    with started("--tls", "--events", application.webhook, environment=environment) as printed:
        trusting = environment | {"NODE_EXTRA_CA_CERTS": printed["NODE_EXTRA_CA_CERTS"]}
        command = [NODE, str(WALK), printed["connection_string"], application.callbacks, media]
        done = subprocess.run(command, check=False, env=trusting, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        application.wait("CallTransferAccepted")
    assert done.stdout == "walked with the JavaScript SDK\n", done.stderr


def parsed(application: Application, media: MediaServer) -> dict[str, int]:
    """How many of each kind, as the SDK reads them."""
    messages = [message.text for connection in media.connections for message in connection.messages]
    callbacks = [json.dumps(r.body) for r in application.received if r.path.startswith("/callbacks")]
    lines = "\n".join((*messages, *callbacks))
    done = subprocess.run([NODE, str(WALK), "parse"], input=lines, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found
