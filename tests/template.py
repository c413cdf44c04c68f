"""A migrated PostgreSQL to copy into the folder of a server under test: making and migrating one is most of a first
start. Knows nothing of what is tested; a test of the first start does without it (`fresh`)."""

import os
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_mutex = threading.Lock()


def copy_to(folder: Path) -> None:
    """As an installation leaves it that ended in order, with owners and modes. Not where there is one already."""
    if folder.exists():
        return
    with _mutex:
        made = Path(_made().name, "var", "postgres")
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(made), str(folder)], check=True, timeout=60)


@cache
def _made() -> "tempfile.TemporaryDirectory[str]":
    """Once per process, and removed with it. No server runs on it."""
    folder = tempfile.TemporaryDirectory(prefix="recorder-template-")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    var_dir = {"VAR_DIR": str(Path(folder.name, "var"))}
    subprocess.run(command, cwd=ROOT, env=environment | var_dir, check=True, timeout=120)
    return folder
