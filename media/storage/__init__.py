"""The `recordings` storage: private, each file written whole or not at all. Knows bytes and names, nothing of audio.

Every recordings storage has `put`, `read` and `delete`; its failures are OSError (FileNotFoundError where there is no
such file), so that who uses it need not know which one it is. `url()` raises: recordings are heard through
media/audio/exports.py, where permission is checked and listening is on record.
"""

import contextlib
import os
import uuid
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast

from django.core.files.storage import FileSystemStorage, storages

from media.errors import PrivateRecording


class Recordings(Protocol):
    """What the product needs of a place for recordings."""

    def put(self, name: str, content: bytes) -> None:
        """Store `content`; once this returns it survives a power cut. An older file of that name is replaced."""

    def read(self, name: str) -> bytes:
        """The whole file. Raises FileNotFoundError, or OSError where the storage cannot be reached."""

    def delete(self, name: str) -> None:
        """No error where there is no such file."""

    def exists(self, name: str) -> bool: ...

    def names(self, folder: str) -> list[str]:
        """The files directly in `folder`, as names for read and delete; none where there is no such folder."""


def recordings() -> Recordings:
    """The storage of this installation (RECORDINGS_URL)."""
    return cast(Recordings, storages["recordings"])


class FileRecordings(FileSystemStorage):
    """Recordings in a folder of this machine: files 0640, folders 0700."""

    def __init__(self, location: str | Path | None = None, **options: Any) -> None:
        modes = {"file_permissions_mode": 0o640, "directory_permissions_mode": 0o700}
        super().__init__(location=location, **{**modes, **options})

    def put(self, name: str, content: bytes) -> None:
        path = Path(self.path(name))
        _make_folder(path.parent, self.directory_permissions_mode or 0o700)
        part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
        try:
            _write(part, content, self.file_permissions_mode or 0o640)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def read(self, name: str) -> bytes:
        return Path(self.path(name)).read_bytes()

    def names(self, folder: str) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return [f"{folder}/{file}" for file in self.listdir(folder)[1]]
        return []

    def url(self, name: str | None) -> NoReturn:
        raise PrivateRecording


def _write(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)  # whatever the umask
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _make_folder(folder: Path, mode: int) -> None:
    """Make a folder and those above it, and their names durable: a synced file in an unsynced folder can vanish."""
    if folder.is_dir():
        return
    _make_folder(folder.parent, mode)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
