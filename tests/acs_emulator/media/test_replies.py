"""Audio that applications send back, in every casing of the SDKs and samples."""

import base64

import pytest

from acs_emulator.media.replies import Audio, Mark, StopAudio, Unread, read

PCM = b"\x01\x02" * 4
DATA = base64.b64encode(PCM).decode()


@pytest.mark.parametrize(
    "message",
    [
        '{"Kind":"AudioData","AudioData":{"Data":"%s","Timestamp":"0001-01-01T00:00:00+00:00","Participant":null,'
        '"IsSilent":false},"StopAudio":null}',
        '{"kind":"audioData","audioData":{"data":"%s","isSilent":false},"stopAudio":{}}',
        '{"Kind":"AudioData","AudioData":{"Data":"%s"},"StopAudio":null}',
        '{"kind":"AudioData","audioData":{"data":"%s"}}',
        '{"kind":"AudioData","AudioData":{"data":"%s"},"StopAudio":null}',
    ],
)
def test_it_reads_audio_of_every_sdk(message: str) -> None:
    assert read(message % DATA) == Audio(PCM)
    assert read((message % DATA).encode()) == Audio(PCM)


@pytest.mark.parametrize(
    "message",
    [
        '{"Kind":"StopAudio","AudioData":null,"StopAudio":{}}',
        '{"kind":"stopAudio","stopAudio":{}}',
        '{"kind":"StopAudio","stopAudio":{}}',
        '{"kind":"StopAudio","audioData":null,"stopAudio":{}}',
    ],
)
def test_it_reads_stop_audio_of_every_sdk(message: str) -> None:
    assert read(message) == StopAudio()


def test_it_reads_marks_of_the_preview() -> None:
    assert read(f'{{"kind":"AudioData","audioData":{{"data":"{DATA}","mark":{{"id":"m1"}}}}}}') == Audio(PCM, "m1")
    assert read('{"Kind":"MarkData","MarkData":{"Id":"m2"}}') == Mark("m2")


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        "[]",
        "1",
        '{"Kind":"StartAudio","AudioData":null,"StartAudio":{}}',
        '{"kind":"AudioData","audioData":{"data":"***"}}',
        '{"kind":"AudioData","audioData":{"data":"AAAA"}}',
        '{"kind":"AudioData","audioData":{"data":7}}',
    ],
)
def test_it_says_why_it_cannot_read(message: str) -> None:
    reply = read(message)
    assert isinstance(reply, Unread)
    assert reply.why
