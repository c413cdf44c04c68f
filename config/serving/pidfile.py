"""VAR_DIR/server.pid and server.json: who serves this installation, for scripts and the sentence about a taken port."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Running:
    pid: int
    host: str
    port: int
    server: str


def write(var_dir: Path, running: Running) -> None:
    """Of several processes with one VAR_DIR the last one stands there."""
    _put(var_dir / "server.pid", f"{running.pid}\n")
    _put(var_dir / "server.json", json.dumps(asdict(running)) + "\n")


def remove(var_dir: Path) -> None:
    """Takes the files away unless another process has put itself there since."""
    running = read(var_dir)
    if running is None or running.pid == os.getpid():
        for name in ("server.pid", "server.json"):
            (var_dir / name).unlink(missing_ok=True)


def read(var_dir: Path) -> Running | None:
    """Who wrote itself there last; it may have been killed since. None when nobody did."""
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


def _put(path: Path, text: str) -> None:
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.write_text(text, encoding="utf-8")
    made.replace(path)
