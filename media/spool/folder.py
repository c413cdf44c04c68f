"""A spool's folder: its name, its two locks, its segments. The kernel drops a lock when its process dies, however it
dies.

`owner.lock` is held by the process that writes, `archiver.lock` by the one that archives, in-process or not.
"""

import contextlib
import fcntl
import os
import shutil
import time
import uuid
from pathlib import Path

OWNER, ARCHIVER = "owner.lock", "archiver.lock"
KEPT = "kept-"  # spools that a person must look at begin so


class FolderLock:
    """An exclusive lock on a file, held until `release` or the death of the process."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    @classmethod
    def take(cls, path: Path) -> "FolderLock | None":
        """The lock, or None while another process holds it or the folder is gone."""
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            return None
        return cls(fd)

    def release(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


def make_folder(spool_dir: Path) -> tuple[Path, FolderLock]:
    """A new spool, locked before it has its name, so that nobody can adopt it in between."""
    spool_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
    made = spool_dir / f".{name}"
    made.mkdir(mode=0o700)
    lock = FolderLock.take(made / OWNER)
    if lock is None:
        raise OSError(f"cannot lock {made}")
    folder = spool_dir / name
    made.rename(folder)
    sync_folder(spool_dir)
    return folder, lock


def folders(spool_dir: Path) -> list[Path]:
    """Every spool on this disk, in a stable order."""
    if not spool_dir.is_dir():
        return []
    hidden = (".", KEPT)
    return sorted(path for path in spool_dir.iterdir() if path.is_dir() and not path.name.startswith(hidden))


def segments(folder: Path) -> list[tuple[int, Path]]:
    """(first seq, path) of the folder's segments, oldest first."""
    return sorted((int(path.stem), path) for path in folder.glob("*.db") if path.stem.isdecimal())


def backlog(folder: Path) -> tuple[int, float]:
    """Bytes on disk, and how old (seconds) the oldest finished segment is: whether or not an archiver runs at all. 0.0
    where there is none but the one that is being written."""
    size, oldest, now = 0, 0.0, time.time()
    found = segments(folder)
    for number, (_, path) in enumerate(found):
        for name in (path, Path(f"{path}-wal")):
            with contextlib.suppress(OSError):  # archived just now
                stat = name.stat()
                size += stat.st_size
                if name == path and number < len(found) - 1:
                    oldest = max(oldest, now - stat.st_mtime)
    return size, oldest


def segment_path(folder: Path, first_seq: int) -> Path:
    return folder / f"{first_seq:015d}.db"


def remove_segment(path: Path) -> None:
    """The file first: a WAL without its database is nothing, a database without its WAL would be a torn segment."""
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        with contextlib.suppress(FileNotFoundError):
            name.unlink()


def set_aside(path: Path) -> Path:
    """Moves a segment that cannot be read into a folder beside it, with its WAL, where most of its rows are."""
    broken = path.parent / "broken"
    broken.mkdir(mode=0o700, exist_ok=True)
    for name in (Path(f"{path}-wal"), Path(f"{path}-shm"), path):
        with contextlib.suppress(FileNotFoundError):
            name.rename(broken / name.name)
    return broken / path.name


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def keep_folder(folder: Path) -> Path:
    """Out of the archivers' way, for a person."""
    return folder.rename(folder.with_name(f"{KEPT}{folder.name}"))


def sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
