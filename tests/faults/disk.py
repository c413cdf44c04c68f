"""A disk that stalls, is full or takes no new files: a small file system of its own, on a loop device, frozen as a
storage system freezes it. For root, where loop devices are; elsewhere the spool's thread is held, or fails, at its next
opening of a file, which takes it up to ten seconds."""

import contextlib
import errno
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

NEXT_SEGMENT = 12.0
HOOKS = Path(__file__).parent / "hooks"
MIB = 1024  # a server takes no streams with less than 512 MiB left; the file is sparse


@dataclass(frozen=True)
class Disk:
    """`folder` is on it; `env` is what a process that shall stall with it needs. `stall` takes up to `delay` seconds;
    `go_on` may be called twice. `real`: a file system, not a thread that is held."""

    folder: Path
    stall: Callable[[], object]
    go_on: Callable[[], object]
    env: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    real: bool = True

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def fill(self) -> None:
        """Not a byte is left."""
        if not self.real:
            self._fail_with(errno.ENOSPC)
            return
        with self._filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            usage = os.statvfs(self.folder)
            os.posix_fallocate(file.fileno(), 0, (usage.f_bfree - 64) * usage.f_frsize)
            file.seek(0, os.SEEK_END)
            while True:
                file.write(bytes(4096))

    def take_no_files(self, spool: Path) -> None:
        """A folder in which nothing can be made any more."""
        if self.real:
            _run("chattr", "+i", spool)
        else:
            self._fail_with(errno.EROFS)

    def mend(self, spool: Path) -> None:
        if not self.real:
            Path(self.env["FAIL_WHILE"]).unlink()
            return
        _run("chattr", "-i", spool)
        self._filler.unlink(missing_ok=True)

    def _fail_with(self, number: int) -> None:
        Path(self.env["FAIL_WHILE"]).write_text(str(number))


@contextmanager
def disk(place: Path) -> Iterator[Disk]:
    """A disk in the folder `place`; going on, and gone, at the end."""
    place.mkdir(parents=True)
    mounted = place / "disk"
    mounted.mkdir()
    if not _mount(place / "image", mounted):
        yield _held_at_opening(place)
        return
    try:
        yield Disk(mounted, lambda: _run("fsfreeze", "-f", mounted), lambda: _thaw(mounted))
    finally:
        _thaw(mounted)
        _run("umount", "-l", mounted)


def _mount(image: Path, mounted: Path) -> bool:
    try:
        with image.open("wb") as file:
            file.truncate(MIB << 20)
        _run("mkfs.ext4", "-q", "-F", image)
        _run("mount", "-o", "loop", image, mounted)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _thaw(mounted: Path) -> None:
    subprocess.run(["fsfreeze", "-u", str(mounted)], capture_output=True, check=False)  # it may be thawed already


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=60)


def _held_at_opening(place: Path) -> Disk:
    mark = place / "stalled"
    env = {"PYTHONPATH": str(HOOKS), "STALL_WHILE": str(mark), "FAIL_WHILE": str(place / "broken")}

    def stall() -> None:
        mark.touch()
        until = time.monotonic() + NEXT_SEGMENT
        while not mark.with_name("held").exists():
            assert time.monotonic() < until, "the spool opened no segment"
            time.sleep(0.02)

    return Disk(place / "disk", stall, lambda: mark.unlink(missing_ok=True), env, NEXT_SEGMENT, real=False)
