"""What is announced and can be stored."""

import pytest

from media.stream.packets import AudioMetadata
from media.stream.storable import unstorable


def announced(encoding: str = "PCM", rate: int = 16_000, channels: int = 1) -> AudioMetadata:
    return AudioMetadata("s", encoding, rate, channels, 640)


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
def test_it_stores_pcm_of_rates_that_divide_48_khz(rate: int) -> None:
    assert unstorable(announced(rate=rate)) == ""
    assert unstorable(announced("Pcm", rate=rate)) == ""


@pytest.mark.parametrize(
    ("metadata", "word"),
    [(announced("OPUS"), "OPUS"), (announced(channels=2), "2"), (announced(rate=44_100), "44100")],
)
def test_it_says_in_plain_words_what_it_cannot_store(metadata: AudioMetadata, word: str) -> None:
    assert word in unstorable(metadata)
