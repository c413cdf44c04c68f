"""File locks by `flock`, with bounded waits. Knows nothing of PostgreSQL.

A `flock` belongs to the open file, not to the process: it survives a fork as long as one copy of the descriptor is
open, and the kernel drops it when the last copy closes, however that came about. Descriptors are close-on-exec
(Python's default), so a started program holds a lock only where it is handed over on purpose.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED = fcntl.LOCK_SH
ALONE = fcntl.LOCK_EX

_POLL_SECONDS = 0.02


def open_lock(path: Path) -> int:
    """A new descriptor of the lock file, made when missing; holds no lock yet. Raises OSError."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def try_lock(descriptor: int, kind: int) -> bool:
    """Whether the lock was granted at once. A failed change from SHARED to ALONE may lose the shared lock."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for_lock(descriptor: int, kind: int, deadline: float) -> bool:
    """Whether the lock was granted before `deadline` (`time.monotonic`)."""
    while not try_lock(descriptor, kind):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


@contextmanager
def locked(path: Path, kind: int, deadline: float) -> Iterator[int | None]:
    """Hold the lock inside the block; yields its descriptor, or None when it was not granted in time.

    A program that inherits the descriptor holds the lock on after the block.
    """
    descriptor = open_lock(path)
    try:
        yield descriptor if wait_for_lock(descriptor, kind, deadline) else None
    finally:
        os.close(descriptor)


def is_held_alone(path: Path) -> bool:
    """Whether somebody holds the lock alone at this moment; False when the file does not exist."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(descriptor, SHARED)
    finally:
        os.close(descriptor)
