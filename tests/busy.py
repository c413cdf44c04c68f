"""How busy the machine is with other things, for tests that ask whether something is in time."""

from pathlib import Path

_COUNTED = Path("/proc/thread-self/schedstat")


def kept_waiting() -> float:
    """Seconds that this thread could have run and had no processor, ever; 0 where the kernel does not count them."""
    try:
        return int(_COUNTED.read_text().split()[1]) / 1e9
    except OSError:
        return 0.0


def allowance(seconds: float, waited: float) -> float:
    """Seconds by which something may be late that took so long: none on a machine with nothing else to do, else what
    it was kept waiting."""
    return waited if waited > 0.02 * seconds else 0.0
