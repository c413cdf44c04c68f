"""Audio frames: the common form, and each field's odd forms."""

import base64

import pytest

from media.stream import wire
from media.stream.errors import BadPacket
from media.stream.packets import AudioData

STAMP = 1_731_698_172_925_000_000
OLGA = "8:acs:6c1f8a52-3d0e-4b7a-9f11-2a64d90b7e35_00000024-71c2-9d5e-b3f0-53bd450d01aa"


def audio(body: str) -> str:
    return '{"kind":"AudioData","audioData":' + body + "}"


def frame(fields: str) -> str:
    return audio('{"timestamp":"2024-11-15T19:16:12.925Z",' + fields + "}")


def decoded(message: str | bytes) -> AudioData:
    packet = wire.decode(message)
    assert isinstance(packet, AudioData)
    return packet


def complaint(message: str | bytes) -> str:
    with pytest.raises(BadPacket) as caught:
        wire.decode(message)
    return str(caught.value)


def test_it_reads_an_unmixed_frame() -> None:
    message = (
        '{"kind":"AudioData","audioData":{"timestamp":"2024-11-15T19:16:12.925Z",'
        f'"participantRawID":"{OLGA}","data":"AQD//wCA/38=","silent":false}}}}'
    )
    assert wire.decode(message) == AudioData(OLGA, STAMP, 3, b"\x01\x00\xff\xff\x00\x80\xff\x7f", False)
    assert wire.decode(message.encode()) == wire.decode(message)


def test_it_reads_a_mixed_frame() -> None:
    message = '{"kind":"AudioData","audioData":{"timestamp":"2024-11-15T19:16:12Z","data":"AQACAA==","silent":true}}'
    assert wire.decode(message) == AudioData(None, 1_731_698_172_000_000_000, 0, b"\x01\x00\x02\x00", True)


@pytest.mark.parametrize("length", [640, 960])
def test_it_keeps_every_byte_of_a_frame(length: int) -> None:
    pcm = bytes(i * 7 % 256 for i in range(length))
    assert decoded(frame(f'"data":"{base64.b64encode(pcm).decode()}"')).pcm == pcm


@pytest.mark.parametrize(
    "field",
    ["participantRawID", "participantRawId", "participantId", "participant", "ParticipantRawID", "PARTICIPANTID"],
)
def test_it_knows_every_name_of_a_lane(field: str) -> None:
    assert decoded(frame(f'"data":"AQA=","{field}":"4:+15550100"')).lane == "4:+15550100"


def test_it_reads_escaped_text() -> None:
    packet = decoded(frame(r'"data":"\u002B\/A=","participantRawID":"4:\u002B15550100"'))
    assert (packet.lane, packet.pcm) == ("4:+15550100", b"\xfb\xf0")


@pytest.mark.parametrize(
    "field", ['"participantRawID":null', '"participantRawID":""', '"participantId":""', '"silent":true']
)
def test_it_takes_a_frame_without_a_lane_as_mixed(field: str) -> None:
    assert decoded(frame(f'"data":"AQA=",{field}')).lane is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("5", "is 5, must be text"),
        ("true", "is true, must be text"),
        ('{"rawId":"4:+15550100"}', "is an object, must be text"),
        ('["4:+15550100"]', "is a list, must be text"),
        (r'"4:\u0000"', "holds a NUL character"),
        ('"' + "4" * 513 + '"', "is longer than 512 characters"),
    ],
)
def test_it_refuses_a_lane_that_is_no_name(value: str, reason: str) -> None:
    assert complaint(frame(f'"data":"AQA=","participantRawID":{value}')) == f"audioData.participantRawID: {reason}"


@pytest.mark.parametrize("field", ["silent", "isSilent", "isSilence", "IsSilent", "Silent"])
@pytest.mark.parametrize(
    ("value", "silent"),
    [("true", True), ("false", False), ('"True"', True), ('"false"', False), ("1", True), ("0", False), ("null", None)],
)
def test_it_knows_every_name_and_form_of_silence(field: str, value: str, silent: bool | None) -> None:
    assert decoded(frame(f'"data":"AQA=","{field}":{value}')).silent is silent


def test_it_does_not_guess_silence() -> None:
    assert decoded(frame('"data":"AAA="')).silent is None


@pytest.mark.parametrize(
    ("value", "shown"), [("2", "2"), ('"yes"', '"yes"'), ('""', '""'), ("[]", "a list"), ("0.5", "0.5")]
)
def test_it_refuses_a_silence_that_is_neither(value: str, shown: str) -> None:
    assert complaint(frame(f'"data":"AQA=","silent":{value}')) == f"audioData.silent: is {shown}, must be true or false"


@pytest.mark.parametrize("field", ['"data":null', '"data":""', '"Data":""', '"Data":null', '"silent":true'])
def test_it_keeps_a_frame_without_data(field: str) -> None:
    packet = decoded(frame(field))
    assert (packet.pcm, packet.stamp) == (b"", STAMP)


@pytest.mark.parametrize("text", ["_-Dw8A==", "-_Dw8A", "_-Dw8A", "+/Dw8A", r"\r\n+/D\nw8A==\r\n", "+/Dw 8A =="])
def test_it_takes_base64_in_every_unambiguous_dress(text: str) -> None:
    standard = text.replace("_-", "/+").replace("-_", "+/").replace(r"\r", "").replace(r"\n", "").replace(" ", "")
    expected = base64.b64decode(standard.rstrip("=") + "==")
    assert decoded(frame(f'"data":"{text}"')).pcm == expected


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AAAAA",
        "=",
        "====",
        "AA=",
        "AAE==",
        "AAEA====",
        "AAE=AAE=",
        "A*E=",
        "+_A=",
        "/-A=",
        "AQÄ=",
        r"AQA=\u0000",
        "AQA=.",
        "{}",
    ],
)
def test_it_refuses_what_is_not_base64(text: str) -> None:
    assert complaint(frame(f'"data":"{text}"')) == "audioData.data: is not base64"


@pytest.mark.parametrize(
    ("value", "shown"), [("5", "5"), ("true", "true"), ("[1,0]", "a list"), ('{"a":1}', "an object"), ("1.5", "1.5")]
)
def test_it_refuses_data_that_is_no_text(value: str, shown: str) -> None:
    assert complaint(frame(f'"data":{value}')) == f"audioData.data: is {shown}, must be base64 text"


@pytest.mark.parametrize("extra", ["", ',"isSilent":true'])
def test_it_refuses_half_a_sample(extra: str) -> None:
    sentence = "audioData.data: has an odd number of bytes (3), so they are no 16-bit samples"
    assert complaint(frame(f'"data":"AQID"{extra}')) == sentence


@pytest.mark.parametrize(
    "value", ["null", '""', '"yesterday"', "true", "[]", "{}", "5", '"2024-13-15T19:16:12.925Z"', r'"\u0000"']
)
def test_it_keeps_a_frame_whose_stamp_cannot_be_read(value: str) -> None:
    packet = wire.decode(audio(f'{{"timestamp":{value},"data":"AQA="}}'))
    assert packet == AudioData(None, None, 0, b"\x01\x00", None)


def test_it_keeps_a_frame_without_a_stamp() -> None:
    assert wire.decode('{"kind":"AudioData","audioData":{"data":"AQA="}}') == AudioData(
        None, None, 0, b"\x01\x00", None
    )


@pytest.mark.parametrize("value", ["1731698172.925", "1731698172925", '"1731698172925"'])
def test_it_reads_stamps_that_are_numbers(value: str) -> None:
    packet = decoded(audio(f'{{"timestamp":{value},"data":"AQA="}}'))
    assert (packet.stamp, packet.digits) == (STAMP, 3)


def test_it_reads_the_stamp_of_year_one() -> None:
    packet = decoded('{"kind":"AudioData","audioData":{"timestamp":"0001-01-01T00:00:00+00:00","data":"AQA="}}')
    assert packet.stamp == -62_135_596_800_000_000_000


@pytest.mark.parametrize("body", ["{}", '{"participantRawID":"4:+15550100"}', '{"colour":"red"}'])
def test_it_refuses_an_object_that_is_no_frame(body: str) -> None:
    assert complaint(audio(body)) == "audioData: has no data, timestamp or silent"


def test_it_takes_the_last_of_two_equal_names_as_json_readers_do() -> None:
    assert decoded(frame('"data":"AQA=","data":"AgA="')).pcm == b"\x02\x00"
    assert decoded(frame('"data":5,"data":"AgA="')).pcm == b"\x02\x00"


def test_it_lets_null_hide_no_alias() -> None:
    packet = decoded(frame('"data":"AQA=","Data":null,"participantRawID":null,"participantId":"4:+15550100"'))
    assert (packet.pcm, packet.lane) == (b"\x01\x00", "4:+15550100")
