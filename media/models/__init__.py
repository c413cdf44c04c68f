"""What was said: sessions, connections, participants, chunks, gaps, and who heard them. Written by the archiver alone
(except for labels, notes of people and the access log). Knows nothing of sockets and spools.

Units: a *position* is absolute, in samples since the epoch at the row's own rate. *Ticks* are 1/48 000 s: exact for
8, 16, 24 and 48 kHz, so lanes of different rates can be added and aligned."""

from media.models.access import AccessEntry
from media.models.alarms import Alarm
from media.models.audio import AudioChunk, Gap, Participant
from media.models.notes import Note, Tag
from media.models.presence import ServingProcess
from media.models.proofs import SelfProof
from media.models.sessions import Connection, MediaUrl, StreamMessage, StreamSession, Tombstone
from media.models.text import SessionText

TICKS_PER_SECOND = 48_000
TICKS_PER_MS = 48

__all__ = [
    "TICKS_PER_MS",
    "TICKS_PER_SECOND",
    "AccessEntry",
    "Alarm",
    "AudioChunk",
    "Connection",
    "Gap",
    "MediaUrl",
    "Note",
    "Participant",
    "SelfProof",
    "ServingProcess",
    "SessionText",
    "StreamMessage",
    "StreamSession",
    "Tag",
    "Tombstone",
]
