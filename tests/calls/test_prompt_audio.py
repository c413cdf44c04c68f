"""Sounds of every kind become what ACS plays."""

import io
import struct
import wave

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.errors import UnplayableSound
from calls.prompt_audio import MOST_BYTES, RATE, prompt_of


def tone(rate: int, seconds: float = 0.5, channels: int = 1) -> npt.NDArray[np.float64]:
    """440 Hz at half of full scale, the same on each channel."""
    wave_form = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)
    return np.repeat(wave_form[:, None], channels, axis=1)


def file_of(samples: npt.NDArray[np.float64], rate: int, form: str = "WAV", subtype: str | None = None) -> bytes:
    content = io.BytesIO()
    soundfile.write(content, samples, rate, format=form, subtype=subtype)
    return content.getvalue()


def heard(wav: bytes) -> npt.NDArray[np.int16]:
    """The samples of a WAV that ACS takes."""
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


@pytest.mark.parametrize(
    ("form", "subtype", "rate", "channels"),
    [
        ("WAV", "PCM_16", 16_000, 1),
        ("WAV", "PCM_24", 44_100, 2),
        ("WAV", "FLOAT", 48_000, 1),
        ("WAV", "ULAW", 8_000, 1),
        ("FLAC", None, 96_000, 2),
        ("AIFF", None, 22_050, 1),
        ("OGG", "VORBIS", 44_100, 2),
        ("OGG", "OPUS", 48_000, 1),
        ("MP3", None, 44_100, 2),
    ],
)
def test_it_makes_every_sound_what_acs_plays(form: str, subtype: str | None, rate: int, channels: int) -> None:
    prompt = prompt_of(file_of(tone(rate, channels=channels), rate, form, subtype))
    samples = heard(prompt.wav)
    assert prompt.duration_ms == round(len(samples) / 16)
    assert prompt.duration_ms == pytest.approx(500, abs=60)  # MP3 adds what its frames need
    spectrum = np.abs(np.fft.rfft(samples[1_000:7_000] * np.hanning(6_000)))
    assert np.argmax(spectrum) * RATE / 6_000 == pytest.approx(440, abs=3)
    assert np.abs(samples[1_000:7_000].astype(int)).max() == pytest.approx(16_384, rel=0.1)


def test_it_leaves_the_right_form_as_it_is() -> None:
    loud = np.array([-32_768, 32_767, 0, 1, -1] * 100, np.int16)
    content = io.BytesIO()
    soundfile.write(content, loud, RATE, subtype="PCM_16", format="WAV")
    prompt = prompt_of(content.getvalue())
    assert heard(prompt.wav).tolist() == loud.tolist()
    assert prompt_of(prompt.wav) == prompt
    assert len(prompt.wav) == 44 + 2 * len(loud)


def test_it_averages_channels_and_clips_what_is_too_loud() -> None:
    left = tone(RATE, channels=2) * [1, 0]
    assert np.abs(heard(prompt_of(file_of(left, RATE)).wav).astype(int)).max() == pytest.approx(8_192, abs=20)
    wild = tone(RATE) * 4
    wild[5], wild[6], wild[7] = np.nan, np.inf, -np.inf
    samples = heard(prompt_of(file_of(wild, RATE, subtype="FLOAT")).wav)
    assert (samples.max(), samples.min()) == (32_767, -32_768)
    assert samples[5:8].tolist() == [0, 32_767, -32_768]


def promising(frames: int, content: bytes) -> bytes:
    """A FLAC file whose header tells of another length."""
    start = content.index(b"fLaC") + 8 + 10
    (packed,) = struct.unpack(">Q", content[start : start + 8])
    return content[:start] + struct.pack(">Q", packed >> 36 << 36 | frames) + content[start + 8 :]


LONG = file_of(tone(4_000, seconds=301), 4_000, "FLAC")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "hello.wav cannot be played to callers: it is empty."),
        (b"<html>", "it cannot be read as sound; convert it to WAV, FLAC, MP3, Ogg (Vorbis or Opus) or AIFF (Format"),
        (b"RIFF\xff\xff\xff\xffWAVE", "it cannot be read as sound"),
        (file_of(tone(RATE), RATE)[:44], "there is nothing to hear in it."),
        (file_of(np.zeros((RATE, 1)), RATE), "there is nothing to hear in it."),
        (file_of(tone(RATE) / 1_000, RATE), "there is nothing to hear in it."),
        (LONG, "it is longer than 5 minutes, too long to wait for."),
        (file_of(tone(RATE, 0.1, channels=9), RATE), "it has 9 channels: mix it down to one."),
        (file_of(tone(1_000), 1_000), "its sample rate of 1000 Hz is none of sound: use 16000."),
        (bytes(MOST_BYTES + 1), "it is larger than 32 MB: send it as MP3 or FLAC."),
    ],
)
def test_it_says_why_a_sound_cannot_be_played(content: bytes, why: str) -> None:
    with pytest.raises(UnplayableSound) as refused:
        prompt_of(content, "hello.wav")
    assert why in str(refused.value)


def test_it_takes_no_file_whose_header_lies_about_its_length() -> None:
    """Or does not know it, like a FLAC that was written into a pipe."""
    short = file_of(tone(4_000), 4_000, "FLAC")
    assert prompt_of(promising(2_000, short)) == prompt_of(short)
    for frames in (0, 1 << 35):
        with pytest.raises(UnplayableSound, match="convert it to WAV"):
            prompt_of(promising(frames, short))


@settings(max_examples=60)
@given(st.data())
def test_it_makes_a_sound_or_a_sentence_of_damaged_files(data: st.DataObject) -> None:
    content = bytearray(file_of(tone(8_000, 0.1), 8_000, data.draw(st.sampled_from(["WAV", "FLAC", "OGG", "MP3"]))))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        prompt = prompt_of(bytes(content[: data.draw(st.integers(1, len(content)))]))
    except UnplayableSound:
        return
    assert heard(prompt.wav).any()
