"""Sounds that look like speech to a codec and to the timeline: syllables of noise, pauses of digital zeros."""

import numpy as np


def speech(seconds: float, rate: int, seed: int) -> bytes:
    """s16le mono, whole frames of 20 ms. Loud, quiet and clipped syllables; about a third is pauses, some of them
    exact zeros, some of them room noise."""
    chance = np.random.default_rng(seed)
    pieces: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    total, wanted = 0, round(seconds * 50) * rate // 50
    while total < wanted:
        length = int(chance.uniform(0.05, 0.4) * rate)
        envelope = np.sin(np.linspace(0, np.pi, length)) * chance.choice([200, 3_000, 9_000, 40_000])
        pause = int(chance.exponential(0.1) * rate)
        noise = chance.normal(0, chance.choice([0, 3]), pause)
        pieces += [np.cumsum(chance.normal(0, 0.3, length)) * envelope / 3, noise]
        total += length + pause
    samples = np.concatenate(pieces)[:wanted]
    return samples.clip(-32_768, 32_767).astype("<i2").tobytes()
