"""VAR_DIR/server.pid and server.json: who serves this installation, for scripts and the sentence about a taken port."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

PID, JSON = "server.pid", "server.json"
_held: dict[Path, int] = {}  # descriptors of what this process locked


@dataclass(frozen=True)
class Running:
    pid: int
    host: str
    port: int
    server: str


def write(var_dir: Path, running: Running) -> bool:
    """Of several processes with one VAR_DIR the first one stands there, until it ends; False for the others."""
    if not _take(var_dir / PID):
        return False
    made = var_dir / f".{JSON}.{os.getpid()}"
    made.write_text(json.dumps(asdict(running)) + "\n", encoding="utf-8")
    made.replace(var_dir / JSON)
    return True


def remove(var_dir: Path) -> None:
    """Takes the files away that this process wrote; those of another stay."""
    held = _held.pop(var_dir / PID, None)
    if held is not None:
        for name in (JSON, PID):
            (var_dir / name).unlink(missing_ok=True)
        os.close(held)


def _take(path: Path) -> bool:
    """Locks the file for as long as this process lives and writes its pid there. Not the pid but the lock says whether
    the one who wrote it still runs: the system gives the numbers of dead processes to others."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    text = f"{os.getpid()}\n".encode()
    os.pwrite(file, text, 0)
    os.truncate(file, len(text))
    _held[path] = file
    return True


def read(var_dir: Path) -> Running | None:
    """Who stands there; it may have been killed since. None when nobody did."""
    try:
        found = json.loads((var_dir / "server.json").read_text(encoding="utf-8"))
        return Running(int(found["pid"]), str(found["host"]), int(found["port"]), str(found["server"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
