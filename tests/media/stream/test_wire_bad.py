"""Messages that are dressed oddly, and those that are no packets at all."""

import pytest

from media.stream import wire
from media.stream.errors import BadPacket
from media.stream.packets import AudioData

FRAME = '{"kind":"AudioData","audioData":{"timestamp":"2024-11-15T19:16:12.925Z","data":"AQA="}}'
READ = AudioData(None, 1_731_698_172_925_000_000, 3, b"\x01\x00", None)


def complaint(message: str | bytes) -> str:
    with pytest.raises(BadPacket) as caught:
        wire.decode(message)
    return str(caught.value)


@pytest.mark.parametrize(
    "message",
    [
        FRAME.encode(),
        "\ufeff" + FRAME,
        b"\xef\xbb\xbf" + FRAME.encode(),
        FRAME + "\0" * 1500,
        FRAME.encode() + b"\0" * 1500,
        "\ufeff " + FRAME + "\r\n\0\0 \0",
        " \r\n\t" + FRAME + "\n",
        FRAME.replace('"data"', '"extra":' + "[" * 100 + "]" * 100 + ',"data"'),
    ],
)
def test_it_reads_a_message_in_any_dress(message: str | bytes) -> None:
    assert wire.decode(message) == READ


@pytest.mark.parametrize("message", ["", b"", "\0\0\0", b"\0", "\ufeff", b"\xef\xbb\xbf\0", " \r\n"])
def test_it_refuses_an_empty_message(message: str | bytes) -> None:
    assert complaint(message) == "message: is empty"


@pytest.mark.parametrize("message", ["5", '"AudioData"', "[]", f"[{FRAME}]", "null", "true", b"1.5"])
def test_it_refuses_json_that_is_no_object(message: str | bytes) -> None:
    assert complaint(message) == "message: is not a JSON object"


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        FRAME[:-1],
        FRAME + FRAME,
        FRAME + ",",
        FRAME.replace('"data"', '"level":NaN,"data"'),
        FRAME.replace('"data"', '"level":-Infinity,"data"'),
        FRAME.replace('"data"', '"level":1e999,"data"'),
        FRAME.replace('"data"', '"level":%s,"data"' % ("9" * 5000)),
        FRAME.replace('"data"', r'"name":"\ud83d","data"'),
        FRAME.replace("AQA=", "AQ\0A="),
        FRAME.replace('"', "'"),
        "\0" + FRAME,
    ],
)
def test_it_refuses_what_is_not_json(message: str) -> None:
    assert complaint(message).startswith("message: is not JSON (")


@pytest.mark.parametrize(
    "message",
    [
        b"\xff\xfe\x00",
        FRAME.encode("utf-16"),
        FRAME.encode().replace(b"AQA=", b"\xc3("),
        FRAME.encode() + b"\xed\xa0\x80",
    ],
)
def test_it_refuses_bytes_that_are_not_utf8(message: bytes) -> None:
    assert complaint(message) == "message: is not UTF-8"


def test_it_refuses_half_of_a_surrogate_pair() -> None:
    assert complaint(FRAME.replace("AQA=", "\ud800")) == "message: holds half of a surrogate pair"


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize(
    "place",
    [
        "%s",
        '{"kind":%s',
        '{"b":%s',
        '{"kind":"AudioData","b":%s',
        '{"kind":"AudioData","audioData":%s',
        '{"kind":"AudioData","audioData":{"timestamp":%s',
        '{"kind":"A","b":%s',
    ],
)
def test_it_refuses_endless_nesting(opening: str, place: str) -> None:
    assert complaint(place % (opening * 100_000)) == "message: is nested too deeply"


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("{}", "kind: is missing, and no field tells it"),
        ('{"stopAudio":{}}', "kind: is missing, and no field tells it"),
        ('{"data":"AQA="}', "kind: is missing, and no field tells it"),
        ('{"timestamp":"2024-11-15T19:16:12Z","participantId":"4:1"}', "kind: is missing, and no field tells it"),
        ('{"audioData":null}', "kind: is missing, and no field tells it"),
        ('{"kind":null,"audioData":"AQA="}', "kind: is missing, and no field tells it"),
        ('{"kind":"","text":"hi"}', "kind: is missing, and no field tells it"),
        ('{"audioData":{},"dtmfData":{}}', "kind: is missing beside audioData and dtmfData"),
        ('{"kind":5,"audioData":{}}', "kind: is 5, must be text"),
        ('{"kind":["AudioData"]}', "kind: is a list, must be text"),
        ('{"kind":"%s"}' % ("A" * 101), "kind: is longer than 100 characters"),
        (r'{"kind":"A\u0000"}', "kind: holds a NUL character"),
        ('{"kind":"AudioData"}', "audioData: is missing"),
        ('{"kind":"AudioData","audioData":null}', "audioData: is missing"),
        ('{"kind":"AudioData","audioData":null,"timestamp":"2024-11-15T19:16:12Z"}', "audioData: is missing"),
        ('{"kind":"AudioData","dtmfData":{"data":"AQA="}}', "audioData: is missing"),
        ('{"kind":"AudioData","audioData":"AQA="}', "audioData: must be an object"),
        ('{"kind":"AudioData","audioData":[{"data":"AQA="}]}', "audioData: must be an object"),
        ('{"kind":"AudioMetadata"}', "audioMetadata: is missing"),
        ('{"kind":"DtmfData","dtmfData":{}}', "dtmfData.data: is missing"),
        ('{"kind":"DtmfData","dtmfData":"5"}', "dtmfData: must be an object"),
        ('{"kind":"DtmfData","dtmfData":{"data":true}}', "dtmfData.data: is true, must be text"),
        ('{"kind":"DtmfData","dtmfData":{"data":12}}', "dtmfData.data: is 12, must be text"),
        ('{"kind":"MarkData","markData":{"status":"Completed"}}', "markData.id: is missing"),
        ('{"kind":"TranscriptionData"}', "transcriptionData: is missing"),
        ('{"kind":"TranscriptionMetadata"}', "transcriptionMetadata: is missing"),
    ],
)
def test_it_names_the_field_that_is_wrong(message: str, sentence: str) -> None:
    assert complaint(message) == sentence


RATE = "must be a whole number from 1000 to 384000"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ('"sampleRate":0', f"sampleRate: is 0, {RATE}"),
        ('"sampleRate":-16000', f"sampleRate: is -16000, {RATE}"),
        ('"sampleRate":16000.5', f"sampleRate: is 16000.5, {RATE}"),
        ('"sampleRate":true', f"sampleRate: is true, {RATE}"),
        ('"sampleRate":[16000]', f"sampleRate: is a list, {RATE}"),
        ('"sampleRate":"fast"', f'sampleRate: is "fast", {RATE}'),
        ('"sampleRate":"%s"' % ("1" * 99), f"sampleRate: is a long text, {RATE}"),
        ('"sampleRate":"%s"' % ("1" * 9999), f"sampleRate: is a long text, {RATE}"),
        ('"sampleRate":"²"', f'sampleRate: is "²", {RATE}'),
        ('"sampleRate":"١٦٠٠٠"', f'sampleRate: is "١٦٠٠٠", {RATE}'),
        ('"sampleRate":16000000', f"sampleRate: is 16000000, {RATE}"),
        ('"sampleRate":1' + "0" * 300, f"sampleRate: is a huge number, {RATE}"),
        ('"sampleRate":1e300', f"sampleRate: is 1e300, {RATE}"),
        ('"channels":0', "channels: is 0, must be a whole number from 1 to 255"),
        ('"channels":{}', "channels: is an object, must be a whole number from 1 to 255"),
        ('"length":-640', "length: is -640, must be a whole number from 1 to 1048576"),
        ('"length":640.5', "length: is 640.5, must be a whole number from 1 to 1048576"),
        ('"encoding":7', "encoding: is 7, must be text"),
        ('"subscriptionId":7', "subscriptionId: is 7, must be text"),
        ('"format":"PCM"', 'format: is "PCM", must be an object'),
        ('"format":{"sampleRate":0}', f"format.sampleRate: is 0, {RATE}"),
    ],
)
def test_it_refuses_impossible_metadata(fields: str, sentence: str) -> None:
    assert complaint('{"kind":"AudioMetadata","audioMetadata":{' + fields + "}}") == f"audioMetadata.{sentence}"


def test_it_tells_field_and_reason_apart() -> None:
    error = BadPacket("audioData.data", "is not base64")
    assert (error.field, error.reason, str(error)) == (
        "audioData.data",
        "is not base64",
        "audioData.data: is not base64",
    )
