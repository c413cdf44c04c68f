"""Who is heard, and how voices add up."""

import numpy as np

from acs_emulator.media import Silence, Talker
from acs_emulator.media.hearing import Dominance, mixed, said
from acs_emulator.media.voice import LiveVoice
from acs_emulator.ticker import Ticker

LOUD = np.full(320, 30_000, "<i2").tobytes()
SOFT = np.full(320, 1_000, "<i2").tobytes()
SILENT = bytes(640)


def test_one_voice_stays_as_it_is_however_loud() -> None:
    assert mixed([SILENT, LOUD, SILENT], 16_000) == LOUD


def test_soft_voices_add_up_exactly() -> None:
    assert mixed([SOFT, SOFT], 16_000) == np.full(320, 2_000, "<i2").tobytes()


def test_loud_voices_never_wrap_around() -> None:
    for count in (2, 4, 9):
        total = np.frombuffer(mixed([LOUD] * count, 16_000), "<i2")
        assert total.min() > 30_000
    negative = np.frombuffer(mixed([np.full(320, -32_768, "<i2").tobytes()] * 4, 16_000), "<i2")
    assert negative.max() < -30_000


def test_nobody_is_silence_of_a_frame() -> None:
    assert mixed([], 24_000) == bytes(960)


def test_nobody_is_heard_before_joining() -> None:
    assert said(Talker("4:+1", Silence(), 10), 9, 16_000) is None
    assert said(Talker("4:+1", Silence(), 10), 10, 16_000) == SILENT


def test_a_fifth_voice_that_grows_louder_takes_the_place_of_the_softest() -> None:
    dominance = Dominance()
    quiet = [(name, SOFT) for name in "abcd"]
    for tick in range(10):
        chosen = dominance.chosen([*quiet, ("e", SILENT)], tick)
    assert [name for name, _ in chosen] == ["a", "b", "c", "d"]
    for tick in range(10, 31):
        chosen = dominance.chosen([*quiet[:3], ("d", SILENT), ("e", LOUD)], tick)
    assert [name for name, _ in chosen] == ["a", "b", "c", "e"]


def test_four_are_carried_whatever_they_say() -> None:
    assert len(Dominance().chosen([(name, SILENT) for name in "abcd"], 0)) == 4


def test_a_live_voice_comes_at_both_rates() -> None:
    ticker = Ticker()
    voice = LiveVoice(ticker, limit_ms=1000)
    tone = (8_000 * np.sin(np.arange(8_000) * 2 * np.pi * 300 / 16_000)).astype("<i2")
    voice.feed(tone.tobytes(), 16_000)
    lanes: dict[int, bytes] = {16_000: b"", 24_000: b""}
    for number in range(20):
        voice._play(number)
        for rate in lanes:
            lanes[rate] += voice.frame(number, rate)
    assert lanes[16_000] == tone[: 20 * 320].tobytes()
    up = np.frombuffer(lanes[24_000], "<i2")
    assert len(up) == 20 * 480
    assert 7_000 < np.abs(up[4_000:]).max() < 9_000
