"""Sound files become what ACS would send."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.acs_client import sounds
from media.demo.make_sounds import FOLDER, VOICES

SPEECH = (np.random.default_rng(1).standard_normal(16_000) * 3_000).astype("<i2")


def written(folder: Path, samples: object, rate: int, name: str = "a.wav", **how: str) -> Path:
    soundfile.write(folder / name, samples, rate, **how)
    return folder / name


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_it_keeps_16_bit_mono_bit_by_bit(tmp_path: Path, name: str) -> None:
    assert sounds.read(written(tmp_path, SPEECH, 16_000, name), 16_000) == SPEECH.tobytes()


@pytest.mark.parametrize(("rate", "name"), [(8_000, "a.wav"), (44_100, "a.mp3"), (48_000, "a.ogg")])
def test_it_resamples_other_rates_and_formats(tmp_path: Path, rate: int, name: str) -> None:
    tone = np.sin(np.arange(rate * 3) * 2 * np.pi * 440 / rate) * 0.5
    pcm = np.frombuffer(sounds.read(written(tmp_path, tone, rate, name), 16_000), "<i2")
    spectrum = np.abs(np.fft.rfft(pcm[8_000:24_000].astype(float)))
    assert len(pcm) == pytest.approx(48_000, abs=2_000)
    assert int(spectrum.argmax()) == 440


def test_it_averages_channels(tmp_path: Path) -> None:
    stereo = np.stack([SPEECH, np.zeros_like(SPEECH)], axis=1)
    pcm = np.frombuffer(sounds.read(written(tmp_path, stereo, 16_000), 16_000), "<i2")
    assert np.abs(pcm - SPEECH / 2).max() <= 1


def test_it_limits_instead_of_wrapping_around(tmp_path: Path) -> None:
    loud = written(tmp_path, np.full(100, 1.7, np.float32), 16_000, subtype="FLOAT")
    assert set(np.frombuffer(sounds.read(loud, 16_000), "<i2")) == {32_767}
    high, low = np.full(4, 30_000, "<i2").tobytes(), np.full(2, -30_000, "<i2").tobytes()
    assert all(32_000 < sample <= 32_767 for sample in np.frombuffer(sounds.mix([high, high]), "<i2"))
    quiet = np.full(2, -20_000, "<i2").tobytes()
    assert list(np.frombuffer(sounds.mix([high[:4], low, quiet]), "<i2")) == [-20_000] * 2
    assert sounds.mix([high]) == high
    assert len(sounds.mix([high, low])) == len(high)


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "no such file"), (b"", "is empty"), (b"hello" * 100, "cannot be read as sound")]
)
def test_it_says_what_is_wrong_with_a_file(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "call.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(sounds.UnreadableSound, match=rf"call\.wav: .*{sentence}"):
        sounds.read(path, 16_000)


def test_it_refuses_a_file_without_sound_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(sounds.UnreadableSound, match="no sound in this file"):
        sounds.read(written(tmp_path, np.zeros(0), 16_000), 16_000)
    with pytest.raises(sounds.UnreadableSound, match="is a folder"):
        sounds.read(tmp_path, 16_000)


def test_it_has_two_voices_for_the_demo_that_take_turns() -> None:
    lanes = [np.frombuffer(sounds.read(FOLDER / f"{name}.ogg", 16_000), "<i2") for name in VOICES]
    assert len({len(lane) for lane in lanes}) == 1
    assert 55 < len(lanes[0]) / 16_000 < 70
    for lane in lanes:
        silent = (lane[: len(lane) // 320 * 320].reshape(-1, 320) == 0).all(axis=1)
        assert 0.4 < silent.mean() < 0.8  # frames that ACS would flag as silent
    assert sum(path.stat().st_size for path in FOLDER.glob("*.ogg")) < 400_000
