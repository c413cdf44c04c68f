"""A batch's files: chunks, and the messages that could not be read. Files come before rows, so a row proves its
file."""

from media.archiver.batch import Batch
from media.archiver.scan import Tracked
from media.storage import recordings


def store_files(tracked: Tracked, batch: Batch, room: int) -> int:
    """Stores them; `room` is how many bytes of unreadable messages the session may still keep. Returns those it took.
    Raises OSError while the storage cannot be written."""
    storage = recordings()
    for stored in batch.chunks:
        storage.put(stored.file, stored.content)
    content = _quarantine(batch, room)
    if content:
        storage.put(f"sessions/{tracked.session_id}/quarantine-{tracked.id}-{tracked.seqs[0]}.jsonl", content)
    return len(content)


def _quarantine(batch: Batch, room: int) -> bytes:
    lines: list[bytes] = []
    for line in batch.unreadable:
        encoded = line.encode() + b"\n"
        room -= len(encoded)
        if room < 0:
            break
        lines.append(encoded)
    return b"".join(lines)
