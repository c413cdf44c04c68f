import io

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from media.stream.opus_head import DISCRETE, first_page, name_channels


def tones(channels: int) -> bytes:
    """Three seconds of one tone per channel, silent after the sixth, as Ogg Opus."""
    moment = np.arange(48_000) / 16_000
    sound = [6000 * np.sin(2 * np.pi * 500 * (number + 1) * moment) * (number < 6) for number in range(channels)]
    file = io.BytesIO()
    soundfile.write(file, np.stack(sound, 1).astype(np.int16), 16_000, format="OGG", subtype="OPUS")
    return file.getvalue()


def loudest(channel: npt.NDArray[np.int16]) -> int:
    return int(np.abs(np.fft.rfft(channel[8000:40_000].astype(float))).argmax() / 2)


def test_six_channels_as_the_encoder_writes_them_lose_the_last() -> None:
    """Why this module is there. Should this fail one day, the encoder has become better and the module can go."""
    heard, _ = soundfile.read(io.BytesIO(tones(6)), dtype="int16")
    assert loudest(heard[:, 5]) != 3000


def test_six_of_nine_discrete_channels_are_all_heard_and_no_more() -> None:
    file = tones(DISCRETE)
    page = first_page(file)
    heard, rate = soundfile.read(io.BytesIO(name_channels(page, 6) + file[len(page) :]), dtype="int16")
    assert (heard.shape, rate) == ((48_000, 6), 16_000)
    assert [loudest(heard[:, number]) for number in range(6)] == [500, 1000, 1500, 2000, 2500, 3000]


def test_it_refuses_a_page_that_is_none() -> None:
    with pytest.raises(ValueError, match="no first page"):
        name_channels(first_page(tones(2)), 2)
