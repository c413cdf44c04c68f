"""What a participant says, 20 ms at a time: from files, from a microphone, or nothing. Knows no calls and no wire."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr

from acs_emulator.media.sounds import FRAME_MS, frame_bytes, load
from acs_emulator.ticker import Ticker

RATES = (16_000, 24_000)


@dataclass(frozen=True, slots=True)
class Said:
    """A sound file from `start_ms` after its speaker joined; `text`: its words, for transcription."""

    sound: Path
    start_ms: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words and when they are spoken, in ms since the speaker joined."""

    text: str
    start_ms: int
    end_ms: int

    def later(self, ms: int) -> "Utterance":
        return Utterance(self.text, self.start_ms + ms, self.end_ms + ms)


class Voice(ABC):
    """An endless source of PCM."""

    utterances: Sequence[Utterance] = ()

    @abstractmethod
    def frame(self, number: int, rate: int) -> bytes:
        """20 ms of s16le mono at `rate` (16000 or 24000); `number` counts from 0 when the participant joined. Never
        empty: zeros where nothing is said."""

    def heard_from(self, ms: int) -> Sequence[Utterance]:
        """What ends at this moment or later, in order."""
        return [said for said in self.utterances if said.end_ms >= ms]


class Silence(Voice):
    def frame(self, number: int, rate: int) -> bytes:
        return bytes(frame_bytes(rate))


class FileVoice(Voice):
    """Files one after the other or over each other, once or, with `repeat`, again and again. Raises BadSound."""

    def __init__(self, lines: Sequence[Said], *, repeat: bool = False) -> None:
        self._lines, self._repeat = tuple(lines), repeat
        pcm = _lane(self._lines, RATES[0])
        self._lanes = {RATES[0]: pcm}
        self.milliseconds = len(pcm) // frame_bytes(RATES[0]) * FRAME_MS
        self.utterances = [_utterance(line) for line in self._lines if line.text]

    def frame(self, number: int, rate: int) -> bytes:
        lane, size = self._lanes.get(rate), frame_bytes(rate)
        if lane is None:
            lane = self._lanes[rate] = _lane(self._lines, rate)
        if self._repeat and lane:
            number %= len(lane) // size
        at = number * size
        return lane[at : at + size] if 0 <= at < len(lane) else bytes(size)

    def heard_from(self, ms: int) -> Sequence[Utterance]:
        """Of a voice that repeats itself: what ends with the round before, in this one and the next."""
        if not self._repeat or not self.milliseconds:
            return super().heard_from(ms)
        first = max(0, ms // self.milliseconds - 1)
        rounds = [said.later((first + n) * self.milliseconds) for n in range(3) for said in self.utterances]
        return [said for said in rounds if said.end_ms >= ms]


class LiveVoice(Voice):
    """What is fed while the call runs: a microphone, or the application. Plays in real time whatever the pace of
    feeding, to any number of readers; `number` is ignored, all hear the same moment.

    limit_ms: what may wait. The oldest goes when more is fed (a microphone: short, so that the delay stays small).
    """

    def __init__(self, ticker: Ticker, *, limit_ms: int = 300) -> None:
        self._ticker, self._limit_ms = ticker, limit_ms
        self._waiting = {rate: bytearray() for rate in RATES}
        self._now = {rate: bytes(frame_bytes(rate)) for rate in RATES}
        self._resamplers: dict[tuple[int, int], soxr.ResampleStream] = {}
        self._playing = False

    @property
    def waiting_ms(self) -> int:
        return len(self._waiting[RATES[0]]) // (RATES[0] // 1000 * 2)

    def frame(self, number: int, rate: int) -> bytes:
        return self._now[rate]

    def feed(self, pcm: bytes, rate: int) -> None:
        """s16le mono at 16000 or 24000; an odd last byte is dropped."""
        pcm = pcm[: len(pcm) // 2 * 2]
        for own, waiting in self._waiting.items():
            waiting.extend(pcm if own == rate else self._resampled(pcm, rate, own))
            del waiting[: max(0, len(waiting) - self._limit_ms * own // 1000 * 2)]
        if pcm and not self._playing:
            self._playing = True
            self._ticker.add(self._play, first=True)

    def clear(self) -> int:
        """Forgets what waits (StopAudio); returns how many ms that were."""
        dropped = self.waiting_ms
        for waiting in self._waiting.values():
            waiting.clear()
        self._resamplers.clear()
        return dropped

    def _play(self, number: int) -> None:
        for rate, waiting in self._waiting.items():
            size = frame_bytes(rate)
            self._now[rate] = bytes(waiting[:size]).ljust(size, b"\0")
            del waiting[:size]
        if not any(self._waiting.values()) and not any(self._now[RATES[0]]):
            self._playing = False
            self._ticker.remove(self._play)

    def _resampled(self, pcm: bytes, rate: int, to: int) -> bytes:
        if (rate, to) not in self._resamplers:
            self._resamplers[rate, to] = soxr.ResampleStream(rate, to, 1, dtype="int16")
        done: bytes = self._resamplers[rate, to].resample_chunk(np.frombuffer(pcm, "<i2")).tobytes()
        return done


@lru_cache(maxsize=64)
def _lane(lines: tuple[Said, ...], rate: int) -> bytes:
    """All lines on one lane of whole frames, shared by every call that has this voice."""
    placed = [(line.start_ms * rate // 1000, np.frombuffer(load(line.sound, rate), "<i2")) for line in lines]
    size = frame_bytes(rate) // 2
    length = -(-max((at + len(pcm) for at, pcm in placed), default=0) // size) * size
    lane = np.zeros(length, np.int32)
    for at, pcm in placed:
        lane[at : at + len(pcm)] += pcm
    return np.clip(lane, -32_768, 32_767).astype("<i2").tobytes()


def _utterance(line: Said) -> Utterance:
    return Utterance(line.text, line.start_ms, line.start_ms + len(load(line.sound, RATES[0])) // 32)
