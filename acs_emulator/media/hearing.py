"""What is heard of a call's talkers in one tick: each by themselves, at most the four loudest, or all mixed. Knows no
wire."""

from collections.abc import Sequence

import numpy as np

from acs_emulator.media.seams import Talker
from acs_emulator.media.sounds import frame_bytes
from acs_emulator.media.voice import Voice

# Unmixed streaming carries the four most dominant speakers (ACS.md 2.3); who they are is looked at this often.
DOMINANT = 4
LOOK_TICKS = 10
# Only a sum is limited, and only above this: a single voice stays as it is, sample by sample.
KNEE = 24_000.0
FULL = 32_767.0


def said(talker: Talker, tick: int, rate: int) -> bytes | None:
    """20 ms of one talker; zeros while muted or on hold; None before joining."""
    number = tick - talker.joined_tick
    if number < 0:
        return None
    return bytes(frame_bytes(rate)) if talker.muted or talker.on_hold else talker.voice.frame(number, rate)


def mixed(frames: Sequence[bytes], rate: int) -> bytes:
    """The sum of all, softly limited (a memoryless curve, so that nothing pumps)."""
    heard = [frame for frame in frames if any(frame)]
    if len(heard) < 2:
        return heard[0] if heard else bytes(frame_bytes(rate))
    total = np.sum([np.frombuffer(frame, "<i2") for frame in heard], axis=0, dtype=np.float64)
    loud = np.abs(total)
    if loud.max() > KNEE:
        over = KNEE + (FULL - KNEE) * np.tanh((loud - KNEE) / (FULL - KNEE))
        total = np.where(loud > KNEE, np.sign(total) * over, total)
    return np.rint(total).astype("<i2").tobytes()


class Together(Voice):
    """Several voices of one participant at once: what an application sends, and the prompts that it has played."""

    def __init__(self, *voices: Voice) -> None:
        self._voices = voices

    def frame(self, number: int, rate: int) -> bytes:
        return mixed([voice.frame(number, rate) for voice in self._voices], rate)


class Dominance:
    """Who is among the four loudest of a call. Decided every 200 ms from the loudness since, so that a syllable's end
    does not throw a speaker out."""

    def __init__(self) -> None:
        self._level: dict[str, float] = {}
        self._chosen: tuple[str, ...] = ()

    def chosen(self, frames: Sequence[tuple[str, bytes]], tick: int) -> list[tuple[str, bytes]]:
        """Those of `frames` (raw id, PCM) that are carried; all where four or fewer are in the call."""
        if len(frames) <= DOMINANT:
            self._level, self._chosen = {}, ()
            return list(frames)
        for raw_id, pcm in frames:
            samples = np.frombuffer(pcm, "<i2").astype(np.float32)
            self._level[raw_id] = self._level.get(raw_id, 0.0) + float(samples @ samples)
        here = [raw_id for raw_id, _ in frames]
        if len(self._chosen) < DOMINANT or tick % LOOK_TICKS == 0 or not set(self._chosen) <= set(here):
            # Equals: whoever was carried before stays, then the order of joining.
            ranked = sorted(here, key=lambda raw_id: (-self._level.get(raw_id, 0.0), raw_id not in self._chosen))
            self._chosen = tuple(ranked[:DOMINANT])
            self._level = {}
        return [(raw_id, pcm) for raw_id, pcm in frames if raw_id in self._chosen]
