"""One row of the spool: a connection's interval, packed and unpacked. Pure.

A body of messages is three parts without padding: `count` (uint32, native order: a spool never leaves its machine),
the arrivals (int64 ns since the epoch) and lengths (uint32, the highest bit set for text) of all messages, then their
bytes."""

import json
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

OPENED, MESSAGES, CLOSED, TICK, OVERLOAD = 1, 2, 3, 4, 5
TEXT = 0x8000_0000
LONGEST_ROW = 1 << 20  # bytes of messages in one row; longer intervals become several rows


@dataclass(slots=True)
class Interval:
    """What one connection received since the last hand-over, with what the ingest counted in it."""

    connection: int
    messages: list[str | bytes] = field(default_factory=list)
    arrivals: list[int] = field(default_factory=list)
    audio: int = 0
    malformed: int = 0
    unknown: int = 0
    size: int = 0


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row as the archiver sees it. `at` is ns since the epoch by our clock: the arrival of its last message."""

    seq: int
    connection: int
    kind: int
    at: int
    audio: int
    malformed: int
    unknown: int
    size: int
    body: bytes = b""


def pack(messages: Sequence[str | bytes], arrivals: Sequence[int]) -> bytes:
    lengths = array("I")
    parts: list[bytes] = []
    for message in messages:
        if isinstance(message, str):
            part = message.encode("utf-8", "surrogatepass")
            lengths.append(len(part) | TEXT)
        else:
            part = message
            lengths.append(len(part))
        parts.append(part)
    count = len(parts).to_bytes(4, sys.byteorder)
    return b"".join((count, array("q", arrivals).tobytes(), lengths.tobytes(), *parts))


def unpack(body: bytes) -> Iterator[tuple[int, str | bytes]]:
    """(arrival, message) pairs; text comes back as str, binary as bytes."""
    count = int.from_bytes(body[:4], sys.byteorder)
    arrivals = array("q", body[4 : 4 + 8 * count])
    lengths = array("I", body[4 + 8 * count : 4 + 12 * count])
    at = 4 + 12 * count
    for arrival, length in zip(arrivals, lengths, strict=True):
        end = at + (length & ~TEXT)
        part = body[at:end]
        yield arrival, part.decode("utf-8", "surrogatepass") if length & TEXT else part
        at = end


def rows_of(interval: Interval) -> Iterator[tuple[int, int, int, int, int, int, bytes]]:
    """Column values (connection, kind, at, audio, malformed, unknown, body): one row, or several where it is long. The
    counts stand on the last one, whose arrival they belong to."""
    messages, arrivals = interval.messages, interval.arrivals
    start, size = 0, 0
    for index, message in enumerate(messages):
        size += len(message)
        if size >= LONGEST_ROW and index + 1 < len(messages):
            piece = slice(start, index + 1)
            yield interval.connection, MESSAGES, arrivals[index], 0, 0, 0, pack(messages[piece], arrivals[piece])
            start, size = index + 1, 0
    last = pack(messages[start:], arrivals[start:])
    yield interval.connection, MESSAGES, arrivals[-1], interval.audio, interval.malformed, interval.unknown, last


def pack_json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()


def unpack_json(body: bytes) -> dict[str, Any]:
    """Raises ValueError where a damaged disk changed it. What a peer may have written is cleaned for PostgreSQL."""
    value = clean(json.loads(body))
    if not isinstance(value, dict):
        raise ValueError("not a row of facts")
    return value


def clean(value: Any) -> Any:
    """The same, with every text as PostgreSQL can hold it: no NUL, no lone surrogates."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {clean(key): clean(each) for key, each in value.items()}
    return [clean(each) for each in value] if isinstance(value, list) else value
