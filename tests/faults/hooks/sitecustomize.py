"""Python runs this at the start of each process that has this folder on its PYTHONPATH, before anything of ours.

KILL_BEFORE=event:n:part  kill -9 of this process just before the n-th audit event of that name whose path holds `part`.
FAIL_WHILE=path          … fails with the error number that stands in the file, while it exists.
CLOCK_STEP=path          the wall clock is off by as many seconds as stand in the file; the monotonic one is not.
STALL_WHILE=path         the spool's thread, when it opens an SQLite file, waits while `path` exists, and makes `held`.
"""

import contextlib
import datetime
import functools
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

_event, _number, _part = os.environ.get("KILL_BEFORE", ":0:").split(":", 2)
_seen = 0


def _kill(event: str, arguments: tuple[Any, ...]) -> None:
    global _seen
    if event == _event and _part in str(arguments[0]):
        _seen += 1
        if _seen == int(_number):
            os.kill(os.getpid(), signal.SIGKILL)


if _event:
    sys.addaudithook(_kill)

_mark = Path(os.environ.get("STALL_WHILE", ""))
_held = _mark.parent / "held"


def _stall(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "sqlite3.connect" and threading.current_thread().name == "spool":
        while _mark.exists():
            _held.touch()
            time.sleep(0.02)


_broken = Path(os.environ.get("FAIL_WHILE", ""))


def _fail(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "sqlite3.connect" and threading.current_thread().name == "spool" and _broken.exists():
        number = int(_broken.read_text())
        raise OSError(number, os.strerror(number))


if "FAIL_WHILE" in os.environ:
    sys.addaudithook(_fail)

if "STALL_WHILE" in os.environ:
    sys.addaudithook(_stall)


def _step_the_clock(file: Path) -> None:
    """All that ours and Django ask the wall clock by. What C code asks it by itself is as it was."""
    import django.utils.timezone as django_timezone

    true_time, true_ns, offset = time.time, time.time_ns, [0.0]

    def look() -> None:
        while True:
            with contextlib.suppress(OSError, ValueError):
                offset[0] = float(file.read_text())
            time.sleep(0.02)

    def now() -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=offset[0])

    # Like those of C they are no methods where a class holds them.
    time.time = functools.partial(lambda: true_time() + offset[0])
    time.time_ns = functools.partial(lambda: true_ns() + int(offset[0] * 1e9))
    django_timezone.now = now
    threading.Thread(target=look, name="clock", daemon=True).start()


if "CLOCK_STEP" in os.environ:
    _step_the_clock(Path(os.environ["CLOCK_STEP"]))
