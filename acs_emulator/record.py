"""What really went over the media sockets, message by message, for comparing byte by byte: one JSON object a line.
Written after the message was handed to the socket, so a frame that a fault withheld is not in it. Knows no sockets."""

import base64
import hashlib
import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from acs_emulator.errors import Unwritable

Line = dict[str, Any]

# Kept in memory for tests where no file was asked for.
KEPT = 500_000


class Record:
    """Lines of sockets: `opened`, `message`, `closed`.

    A message is `{"line":"message","connection":3,"message":17,"wall":"…Z","kind":"AudioData","lane":"4:+1…"|null,
    "stamp":"…Z","silent":false,"faults":["duplicate"],"bytes":640,"sha256":"…"}`; `message` counts within
    the connection from 1, `connection` within the process. With audio there is `"pcm":"<base64>"` too, so that a lane
    can be rebuilt exactly. Damaged frames, and messages of other kinds, have their whole `text`. `closed` says how
    many bytes of what was written the peer had not taken (`unsent`). Raises Unwritable.
    """

    def __init__(self, path: Path | None = None, *, audio: bool = False, memory: bool = False) -> None:
        self.path, self.audio = path, audio
        self.lines: list[Line] | None = [] if memory else None
        self._file = _opened(path) if path else None
        self._connections = itertools.count(1)
        self._encode = msgspec.json.Encoder().encode

    @property
    def on(self) -> bool:
        return self._file is not None or self.lines is not None

    def connection(self) -> int:
        """The number of the next connection, counted even while nothing is recorded."""
        return next(self._connections)

    def write(self, line: str, connection: int, wall: str, **facts: Any) -> None:
        if self.on:
            self._keep({"line": line, "connection": connection, "wall": wall, **facts})

    def message(
        self, connection: int, message: int, wall: str, kind: str, facts: Mapping[str, Any], pcm: bytes | None
    ) -> None:
        if not self.on:
            return
        line = {"line": "message", "connection": connection, "message": message, "wall": wall, "kind": kind, **facts}
        if pcm is not None:
            line |= {"bytes": len(pcm), "sha256": hashlib.sha256(pcm).hexdigest()}
            if self.audio:
                line["pcm"] = base64.b64encode(pcm).decode()
        self._keep(line)

    def flush(self) -> None:
        if self._file:
            self._file.flush()

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _keep(self, line: Line) -> None:
        if self._file:
            self._file.write(self._encode(line) + b"\n")
        if self.lines is not None and len(self.lines) < KEPT:
            self.lines.append(line)


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except OSError as wrong:
        raise Unwritable(path=path, reason=(wrong.strerror or str(wrong)).lower()) from None


def read_record(path: Path) -> list[Line]:
    """Also while it is being written: a line that is not whole yet is left out."""
    with path.open("rb") as file:
        return [msgspec.json.decode(line, type=Line) for line in file if line.endswith(b"\n")]


def lane_pcm(lines: Iterable[Line], lane: str | None, connection: int | None = None) -> bytes:
    """The PCM of a lane in the order it was sent, duplicates included. Needs a record with audio."""
    return b"".join(
        base64.b64decode(line["pcm"])
        for line in lines
        if line["line"] == "message"
        and line["kind"] == "AudioData"
        and line["lane"] == lane
        and connection in {None, line["connection"]}
        and "pcm" in line
    )
