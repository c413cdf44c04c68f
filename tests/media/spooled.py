"""Spools as the ingest writes them, for tests of the archiver. Time is made up: arrivals are what the test says."""

import uuid
from pathlib import Path
from typing import Any

import numpy as np

from media.archiver.worker import Archive
from media.audio.playback import PlaybackOptions, prepare
from media.models import Gap, StreamSession
from media.sessions import identity
from media.spool.rows import Interval
from media.spool.writer import SpoolWriter
from media.stream.speak import acs_audio, acs_metadata

SECOND = 1_000_000_000
FRAME = 20_000_000
NOON = 1_795_348_800 * SECOND


def speech(seconds: float, seed: int = 1, rate: int = 16_000) -> bytes:
    """Noise that looks like speech to a codec: s16le mono."""
    return np.random.default_rng(seed).normal(0, 3000, int(seconds * rate)).astype("<i2").tobytes()


class Caller:
    """One socket that writes into a spool of its own."""

    def __init__(self, spool: SpoolWriter, number: int = 1, url: uuid.UUID | None = None, opened: int = NOON) -> None:
        self.spool, self.number = spool, number
        self.url = url or uuid.uuid4()
        self.id = uuid.uuid4()
        self.session_id = identity.session_of_url(self.url)
        facts: dict[str, Any] = {"connection": str(self.id), "session": str(self.session_id), "url": str(self.url)}
        spool.opened(number, opened, {**facts, "call": None, "headers": {}, "remote": "127.0.0.1:1", "auth": "url"})
        self.say([acs_metadata("subscription", 16_000, 640)], opened, audio=0)

    def say(self, messages: list[str], at: int, audio: int | None = None, step: int = 0) -> None:
        interval = Interval(self.number, list(messages), [at + n * step for n in range(len(messages))])
        interval.audio = len(messages) if audio is None else audio
        interval.size = sum(map(len, messages))
        self.spool.hand_over([interval])

    def talk(self, pcm: bytes, at: int, lane: str | None = "4:+15550100", delay: int = 0) -> None:
        """Frames stamped from `at` on in even steps, arriving `delay` ns after their stamps, in rows of 100 ms."""
        frames = [pcm[i : i + 640] for i in range(0, len(pcm), 640)]
        for first in range(0, len(frames), 5):
            stamps = [at + (first + n) * FRAME for n in range(len(frames[first : first + 5]))]
            said = [
                acs_audio(stamp, lane, frame, False)
                for stamp, frame in zip(stamps, frames[first : first + 5], strict=True)
            ]
            self.say(said, stamps[0] + delay, step=FRAME)

    def hang_up(self, at: int, by: str = "peer", code: int = 1000) -> None:
        self.spool.closed(self.number, at, {"by": by, "code": code, "reason": "", "failure": ""})


def archive_all(spool_dir: Path, rounds: int = 12) -> None:
    """An archiver of its own, until nothing is left that it could do."""
    archive = Archive(spool_dir, orphans_only=False)
    try:
        for _ in range(rounds):
            archive.step()
    finally:
        archive.close()


def heard(session_id: uuid.UUID) -> dict[str | None, bytes]:
    """What an export of each lane holds, from the session's origin to its end."""
    session = StreamSession.objects.get(id=session_id)
    lanes = {}
    for participant in session.participants.all():
        playback = prepare(session, PlaybackOptions(participants=[participant.id]))
        lanes[participant.raw_id] = playback.read(0, playback.frames).tobytes()
    return lanes


def gaps(session_id: uuid.UUID) -> list[tuple[str, int | None]]:
    return [(g.cause, g.samples) for g in Gap.objects.filter(session_id=session_id).order_by("position")]
