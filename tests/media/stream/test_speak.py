"""What stand-ins for ACS say, byte for byte, and what we say to ACS."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.stream import speak, wire
from media.stream.packets import AudioData, AudioMetadata

STAMP = 1_731_698_172_925_000_000


def test_it_opens_as_acs_does() -> None:
    message = speak.acs_metadata("b5f0a3c1-6f3d-4d53-9b1a-0c2f4de1a977", 24_000, 960)
    assert message == (
        '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"b5f0a3c1-6f3d-4d53-9b1a-0c2f4de1a977",'
        '"encoding":"PCM","sampleRate":24000,"channels":1,"length":960}}'
    )
    assert wire.decode(message) == AudioMetadata("b5f0a3c1-6f3d-4d53-9b1a-0c2f4de1a977", "PCM", 24_000, 1, 960)


def test_it_sends_a_participants_frame() -> None:
    assert speak.acs_audio(STAMP, "4:+15550100", b"\x01\x00", False) == (
        '{"kind":"AudioData","audioData":{"timestamp":"2024-11-15T19:16:12.925Z","participantRawID":"4:+15550100",'
        '"data":"AQA=","silent":false}}'
    )


def test_it_sends_a_mixed_frame() -> None:
    assert speak.acs_audio(STAMP + 999_999, None, b"", None) == (
        '{"kind":"AudioData","audioData":{"timestamp":"2024-11-15T19:16:12.925Z","data":""}}'
    )


@given(
    milliseconds=st.integers(0, 10**13),
    lane=st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1),
    pcm=st.binary(max_size=100).map(lambda half: half + half),
    silent=st.none() | st.booleans(),
)
def test_it_is_read_back(milliseconds: int, lane: str | None, pcm: bytes, silent: bool | None) -> None:
    message = speak.acs_audio(milliseconds * 1_000_000, lane, pcm, silent)
    assert wire.decode(message) == AudioData(lane, milliseconds * 1_000_000, 3, pcm, silent)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (wire.encode_audio(b"\x01\x00"), '{"Kind":"AudioData","AudioData":{"Data":"AQA="},"StopAudio":null}'),
        (wire.encode_audio(b""), '{"Kind":"AudioData","AudioData":{"Data":""},"StopAudio":null}'),
        (wire.encode_stop(), '{"Kind":"StopAudio","AudioData":null,"StopAudio":{}}'),
    ],
)
def test_it_speaks_to_acs_as_microsofts_samples_do(message: str, expected: str) -> None:
    assert message == expected
