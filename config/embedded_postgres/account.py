"""The account that PostgreSQL runs under, and how a program of it is started. Knows nothing of Django.

PostgreSQL refuses root. Any other user runs it as himself; root runs it as the owner of the data (somebody else may
have made it before), and new data belongs to `nobody`. The environment is not passed on: it holds our secrets.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import CannotStart

_PROC_CWD = "/proc/self/cwd"


@dataclass(frozen=True)
class Account:
    """A user and group to change to."""

    uid: int
    gid: int
    name: str


def account_for(data: Path) -> Account | None:
    """The account to change to, or None to stay who we are (anybody but root). Raises CannotStart."""
    if os.geteuid() != 0:
        return None
    owner = data.stat().st_uid if data.exists() else 0
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            f"PostgreSQL does not run as root, and this system has no account "
            f"{owner or 'nobody'} for {data}: run as another user, or set DATABASE_URL."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def start_options(account: Account | None, folder: Path) -> dict[str, Any]:
    """Arguments of `subprocess` for a program of PostgreSQL whose working directory is `folder`.

    The directory is entered before the account changes. Its own session keeps it out of reach of the terminal's Ctrl-C.
    """
    wanted = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    options: dict[str, Any] = {
        "cwd": folder,
        "env": {**wanted, "LC_ALL": "C", "TZ": "UTC"},
        "stdin": subprocess.DEVNULL,
        "start_new_session": True,
        "umask": 0o077,
    }
    if account:
        options |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return options


def data_argument(account: Account | None, folder: Path) -> str:
    """What to tell a program started with `start_options` its data directory is (see the package's docstring)."""
    return _PROC_CWD if account and Path(_PROC_CWD).exists() else str(folder)
