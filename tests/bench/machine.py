"""What the figures were measured on. No name of the machine, nothing that tells whose it is."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

from tests.node import node_version

WS = Path(__file__).resolve().parents[2] / "node_modules" / "ws" / "package.json"


def describe() -> dict[str, str | int]:
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 0,
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "kernel": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "node": node_version(),
        "ws": json.loads(WS.read_text(encoding="utf-8"))["version"],
        **{name: version(name) for name in ("uvicorn", "websockets", "uvloop", "daphne", "channels", "Django")},
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
