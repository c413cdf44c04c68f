"""CPU time and memory of running processes, from Linux's /proc. Knows nothing of what they do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
AHEAD = -10
UTIME = 11  # /proc/<pid>/stat after the command's name: utime, stime, cutime, cstime from here on


def cpu_seconds(pid: int, with_reaped: bool = False) -> float:
    """User and system time of a process; `with_reaped`: also of its children that have ended. 0 when it is gone."""
    fields = _stat(PROC / str(pid) / "stat")
    return sum(map(int, fields[UTIME : UTIME + (4 if with_reaped else 2)])) / TICKS


def main_thread_seconds(pid: int) -> float:
    """Of the thread that runs the event loop alone."""
    fields = _stat(PROC / str(pid) / "task" / str(pid) / "stat")
    return sum(map(int, fields[UTIME : UTIME + 2])) / TICKS


def family_seconds(pid: int) -> float:
    """Of a process and all its children, living or ended (PostgreSQL: the postmaster and its backends)."""
    return cpu_seconds(pid, with_reaped=True) + sum(map(cpu_seconds, children(pid)))


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in (PROC / str(pid) / "task" / str(pid) / "children").read_text().split()]
    except FileNotFoundError:
        return []


def _stat(path: Path) -> list[str]:
    try:
        return path.read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * 40


def memory(pid: int) -> tuple[int, int]:
    """(RSS, PSS) in bytes. PSS shares out what processes have in common."""
    found = {"Rss": 0, "Pss": 0}
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in found:
            found[name] = int(rest.split()[0]) * 1024
    return found["Rss"], found["Pss"]


def core_busy_seconds(core: int | None) -> float:
    """How long a core has been busy with anything."""
    wanted = "cpu " if core is None else f"cpu{core} "
    for line in (PROC / "stat").read_text().splitlines():
        if line.startswith(wanted):
            user, nice, system, _, _, irq, softirq, steal = map(int, line.split()[1:9])
            return (user + nice + system + irq + softirq + steal) / TICKS
    return 0.0


def cores() -> tuple[int | None, int | None]:
    """(the server's, the sender's). None where there is only one and they have to share it."""
    usable = sorted(os.sched_getaffinity(0))
    return (usable[-1], usable[0]) if len(usable) > 1 else (None, None)


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Processes started inside stay on that core."""
    before = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def put_ahead(pid: int) -> None:
    """Lets a process's session go before other programs, where we may ask for that: a server or a sender that waits for
    its turn finds frames in heaps, which are cheaper each. By session (the kernel's autogroup) and not by nice, which
    would be that of one thread, before the others of its own process."""
    with suppress(OSError):
        (PROC / str(pid) / "autogroup").write_text(str(AHEAD))
