"""The emulator as a process of its own."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def started(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """The lines `name=value` that it prints before `ready`; it ends cleanly at the end."""
    command = [sys.executable, "-m", "acs_emulator", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        printed: list[str] = []
        for line in process.stdout:
            if line == "ready\n":
                break
            printed.append(line.rstrip())
        yield dict(line.split("=", 1) for line in printed)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0, process.stderr.read() if process.stderr else ""
    finally:
        process.kill()
        process.communicate()
