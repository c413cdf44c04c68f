"""How busy the machine is with other things, for tests that ask whether something is in time."""

from contextlib import suppress
from pathlib import Path

_THREADS = Path("/proc/self/task")


def kept_waiting() -> float:
    """Seconds that threads of this process could have run and had no processor, ever; 0 where the kernel does not
    count them."""
    waited = 0
    for thread in _THREADS.glob("*"):
        with suppress(OSError):  # it has just ended
            waited += int((thread / "schedstat").read_text().split()[1])
    return waited / 1e9


def allowance(seconds: float, waited: float) -> float:
    """Seconds by which something may be late that took so long: none on a machine with nothing else to do, else what
    it was kept waiting."""
    return waited if waited > 0.02 * seconds else 0.0
