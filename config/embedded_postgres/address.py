"""Where a client finds the server's socket, and whether anybody listens there. Knows nothing of Django.

The path of a UNIX socket may have 107 bytes (103 on macOS), and libpq takes a comma in it for a list of hosts. Paths
that do not fit go through a symbolic link in a private folder with a short name, derived from the data directory, so
that all processes of one user find the same. Nothing there needs keeping: it is made again when a cleaner took it.
"""

import errno
import hashlib
import os
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"

_LONGEST = 103


def socket_folder(data: Path) -> Path:
    """A folder to give libpq as `host`: the data directory, or a short way to it. Raises OSError."""
    if _fits(data):
        return data
    link = _private_folder(data) / "s"
    if not (link.is_symlink() and link.readlink() == data):
        fresh = link.with_name(f"s{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(data)
        fresh.rename(link)
    return link


def forget_socket_folder(data: Path) -> None:
    """Remove the short way, if there is one."""
    if _fits(data):
        return
    with suppress(OSError):
        (_private_folder(data) / "s").unlink(missing_ok=True)
        _private_folder(data).rmdir()


def listening(data: Path) -> bool:
    """Whether a process, even a stopped one, listens on the socket. Raises OSError when it may not be asked.

    A socket file outlives its process, a listener does not: with nobody behind it the kernel refuses. A full queue
    (EAGAIN) has a listener.
    """
    if not (data / SOCKET_NAME).exists():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.setblocking(False)
        answer = client.connect_ex(os.fsencode(socket_folder(data) / SOCKET_NAME))
    if answer in (0, errno.EAGAIN, errno.EINPROGRESS):
        return True
    if answer in (errno.ENOENT, errno.ECONNREFUSED):
        return False
    raise OSError(answer, os.strerror(answer), str(data / SOCKET_NAME))


def _fits(data: Path) -> bool:
    return len(os.fsencode(data / SOCKET_NAME)) <= _LONGEST and "," not in str(data)


def _private_folder(data: Path) -> Path:
    """Made when missing. Somebody else's folder of this name is never used: /tmp belongs to everybody."""
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    name = f"acs-recorder-{os.geteuid()}-{digest}"
    for base in (Path("/tmp"), Path(tempfile.gettempdir())):  # noqa: S108 - checked below
        folder = base / name
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077:
                return folder
    raise PermissionError(errno.EPERM, "is not a private folder of this user; remove it", str(folder))
