"""Starts the sender (load.py) and hears how far it is. Knows nothing of servers."""

import json
import subprocess
import sys
from dataclasses import asdict
from types import TracebackType

from tests.bench.load import Order
from tests.bench.processes import cores, pinned, put_ahead
from tests.serving import ROOT


class SenderFailed(AssertionError):
    """The sender ended before its time; its own words stand above."""


class Sender:
    """One run of the sender. A context manager, so that it never outlives who measures."""

    def __init__(self, order: Order) -> None:
        with pinned(cores()[1]):
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.load"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        put_ahead(self.process.pid)
        assert self.process.stdin
        self.process.stdin.write(json.dumps(asdict(order)) + "\n")
        self.process.stdin.close()

    def wait_for(self, step: str) -> dict[str, float]:
        """Blocks until it reports that step. Raises SenderFailed."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SenderFailed(f"the sender ended before it was {step!r}")
        reached, facts = json.loads(line)
        if reached != step:
            raise SenderFailed(f"the sender is not {step!r} but {reached!r}")
        return dict(facts)

    def __enter__(self) -> "Sender":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        if kind:
            self.process.kill()
        self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()
