"""The demo's ACS: `python -m acs_emulator` as a child process, from its start to its end. Knows no Django."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from media.demo.server import ROOT, ServerFailed

SCENARIO = Path(__file__).parent / "call.yaml"
STOP_SECONDS = 10.0


class Emulator:
    """One process; `facts` are what it printed: url, key, resource_id, jwks_url, page… What it complains of goes to
    `log`. Whoever makes it calls stop(). Raises ServerFailed."""

    def __init__(self, port: int, events: str, log: Path) -> None:
        self.log = log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "acs_emulator",
                    "--port",
                    str(port),
                    "--scenario",
                    str(SCENARIO),
                    "--events",
                    events,
                ],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        self.facts = self._facts()

    def _facts(self) -> dict[str, str]:
        facts: dict[str, str] = {}
        for line in self.process.stdout or ():
            if line.strip() == "ready":
                return facts
            name, _, value = line.strip().partition("=")
            facts[name] = value
        self.process.wait()
        raise ServerFailed(f"The ACS emulator did not start. {self.log.read_text(encoding='utf-8').strip()}")

    def environment(self, events_key: str, caller_id: str) -> Mapping[str, str]:
        """What tells a server to use this emulator."""
        return {
            "ACS_ENDPOINT": self.facts["url"],
            "ACS_ACCESS_KEY": self.facts["key"],
            "ACS_RESOURCE_ID": self.facts["resource_id"],
            "ACS_JWKS_URL": self.facts["jwks_url"],
            "ACS_ISSUER": self.facts["issuer"],
            "ACS_EVENTS_KEY": events_key,
            "ACS_CALLER_ID": caller_id,
            # Texts are spoken as a tone of their length: there is no speech in the emulator.
            "ACS_COGNITIVE_ENDPOINT": self.facts["url"],
        }

    def check(self) -> None:
        """Raises ServerFailed when the process has ended."""
        if self.process.poll() is not None:
            raise ServerFailed(f"The ACS emulator ended by itself. {self.log.read_text(encoding='utf-8').strip()}")

    def stop(self) -> None:
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
