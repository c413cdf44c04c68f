"""Each message of each generation, as its SDK, its documents and its samples write it (ACS.md, sections 2 and 3)."""

import pytest

from media.stream import wire
from media.stream.packets import AudioData, AudioMetadata, DtmfData, MarkData, Packet, Unknown

PHONE = "4:+15550100"
SUBSCRIPTION = "b5f0a3c1-6f3d-4d53-9b1a-0c2f4de1a977"
STAMP = 1_731_698_172_925_000_000
FRAME = AudioData(PHONE, STAMP, 3, b"\x01\x00\x02\x00", False)
METADATA = AudioMetadata(SUBSCRIPTION, "PCM", 16_000, 1, 640)

FIELDS = f'"timestamp":"2024-11-15T19:16:12.925Z","participantRawID":"{PHONE}","data":"AQACAA==","silent":false'


@pytest.mark.parametrize(
    "message",
    [
        # generation 0: no kind
        f'{{"data":"AQACAA==","timestamp":"2024-11-15T19:16:12.925Z","participantId":"{PHONE}","isSilence":false}}',
        # generations 1 and 2
        f'{{"kind":"AudioData","audioData":{{{FIELDS}}}}}',
        # Java preview: the key tells the kind
        f'{{"audioData":{{"data":"AQACAA==","timestamp":"2024-11-15T19:16:12.925Z","participantRawId":"{PHONE}","silent":false}}}}',
        # JS beside stopAudio
        f'{{"kind":"audioData","audioData":{{{FIELDS}}},"stopAudio":{{}}}}',
        # .NET
        f'{{"Kind":"AudioData","AudioData":{{"Data":"AQACAA==","Timestamp":"2024-11-15T19:16:12.925+00:00","Participant":"{PHONE}",'
        '"IsSilent":false},"StopAudio":null}',
        f'{{"KIND":"AUDIODATA","AUDIODATA":{{{FIELDS.upper().replace("FALSE", "false")}}}}}',
        # kind twice, body wrapped, fields beside the kind
        f'{{"kind":"AudioData","audioData":{{"kind":"AudioData",{FIELDS}}}}}',
        f'{{"kind":"AudioData","audioData":{{"kind":"AudioData","audioData":{{{FIELDS}}}}}}}',
        f'{{"audioData":{{"kind":"AudioData",{FIELDS}}}}}',
        f'{{"kind":"AudioData",{FIELDS}}}',
        f'{{"kind":"AudioData","audioData":null,{FIELDS}}}',
        f'{{"kind":null,"audioData":{{{FIELDS}}},"dtmfData":null}}',
        # a preview's mark, and a field of tomorrow
        f'{{"kind":"AudioData","audioData":{{{FIELDS},"mark":{{"id":"m1"}}}}}}',
        f'{{"kind":"AudioData","audioData":{{{FIELDS},"audioData":"x"}}}}',
        f'{{"kind":"AudioData","sequence":7,"audioData":{{{FIELDS}}}}}',
    ],
)
def test_it_reads_a_frame_of_every_generation(message: str) -> None:
    assert wire.decode(message) == FRAME


@pytest.mark.parametrize(
    "message",
    [
        f'{{"subscriptionId":"{SUBSCRIPTION}","format":{{"encoding":"PCM","sampleRate":16000,"channels":1,"length":640.0}}}}',
        f'{{"kind":"AudioMetadata","audioMetadata":{{"subscriptionId":"{SUBSCRIPTION}","encoding":"PCM","sampleRate":16000,'
        '"channels":1,"length":640}}',
        f'{{"audioMetadata":{{"subscriptionId":"{SUBSCRIPTION}","encoding":"PCM","sampleRate":16000,"channels":1,"length":640}}}}',
        f'{{"Kind":"AudioMetadata","AudioMetadata":{{"SubscriptionId":"{SUBSCRIPTION}","Encoding":"PCM","SampleRate":"16000",'
        '"Channels":1,"Length":640}}',
        f'{{"kind":"AudioMetadata","subscriptionId":"{SUBSCRIPTION}","sampleRate":16000,"length":640}}',
        f'{{"subscriptionId":"{SUBSCRIPTION}","encoding":"PCM","sampleRate":16000,"channels":1,"length":640}}',
    ],
)
def test_it_reads_the_metadata_of_every_generation(message: str) -> None:
    assert wire.decode(message) == METADATA


def test_it_knows_a_frame_of_generation_0_without_a_stamp() -> None:
    assert wire.decode('{"data":"AQA=","isSilence":true}') == AudioData(None, None, 0, b"\x01\x00", True)
    assert wire.decode(f'{{"data":"AQA=","participantId":"{PHONE}"}}') == AudioData(PHONE, None, 0, b"\x01\x00", None)


def test_it_reports_metadata_as_it_is_said() -> None:
    message = '{"kind":"AudioMetadata","audioMetadata":{"encoding":"Pcm","sampleRate":24000,"channels":2,"length":960}}'
    assert wire.decode(message) == AudioMetadata(None, "Pcm", 24_000, 2, 960)


@pytest.mark.parametrize("body", ["{}", '{"sampleRate":null,"encoding":"","length":null}', '{"format":{}}'])
def test_it_fills_missing_metadata_with_acs_defaults(body: str) -> None:
    message = '{"kind":"AudioMetadata","audioMetadata":' + body + "}"
    assert wire.decode(message) == AudioMetadata(None, "PCM", 16_000, 1, None)


@pytest.mark.parametrize(
    ("message", "packet"),
    [
        ('{"kind":"DtmfData","dtmfData":{"data":"5"}}', DtmfData("5", None, None)),
        (
            f'{{"kind":"DtmfData","dtmfData":{{"data":"#","timestamp":"2024-11-15T19:16:12.925Z","participantRawID":"{PHONE}"}}}}',
            DtmfData("#", STAMP, PHONE),
        ),
        ('{"dtmfData":{"tone":"*"}}', DtmfData("*", None, None)),
        ('{"Kind":"DtmfData","DtmfData":{"Data":"A"}}', DtmfData("A", None, None)),
        ('{"kind":"DtmfData","dtmfData":{"data":0}}', DtmfData("0", None, None)),
        ('{"kind":"DtmfData","data":"7"}', DtmfData("7", None, None)),
        ('{"kind":"DtmfMetadata","dtmfMetadata":{"data":"8"}}', DtmfData("8", None, None)),
        ('{"kind":"DtmfMetadata","dtmfData":{"data":"8"}}', DtmfData("8", None, None)),
        ('{"kind":"DtmfTone","dtmfTone":{"tone":"9"}}', DtmfData("9", None, None)),
        ('{"kind":"dtmfTone","dtmfTone":"9"}', DtmfData("9", None, None)),
        ('{"kind":"DtmfTone","tone":"9"}', DtmfData("9", None, None)),
        ('{"kind":"MarkData","markData":{"id":"greeting","status":"Completed"}}', MarkData("greeting", "Completed")),
        ('{"Kind":"MarkData","MarkData":{"Id":"greeting","Status":null}}', MarkData("greeting", None)),
    ],
)
def test_it_reads_tones_and_marks(message: str, packet: Packet) -> None:
    assert wire.decode(message) == packet


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ('{"kind":"VideoData","videoData":{"data":"AQA="}}', "VideoData"),
        (f'{{"kind":"VideoData","audioData":{{{FIELDS}}}}}', "VideoData"),
        ('{"kind":"videoData","audioData":{"data":"AQA="}}', "videoData"),
        ('{"Kind":"StopAudio","AudioData":null,"StopAudio":{}}', "StopAudio"),
        ('{"Kind":"StartAudio","AudioData":null,"StartAudio":{}}', "StartAudio"),
        ('{"kind":"AudioData "}', "AudioData "),
    ],
)
def test_it_names_a_kind_that_it_does_not_know(message: str, kind: str) -> None:
    assert wire.decode(message) == Unknown(kind)


@pytest.mark.parametrize(
    ("message", "packet"),
    [
        # what our side sends, in the casing of each SDK
        (
            '{"Kind":"AudioData","AudioData":{"Data":"AQA=","Timestamp":"0001-01-01T00:00:00+00:00","Participant":null,'
            '"IsSilent":false},"StopAudio":null}',
            AudioData(None, -62_135_596_800_000_000_000, 0, b"\x01\x00", False),
        ),
        (
            '{"kind":"audioData","audioData":{"data":"AQA=","isSilent":false},"stopAudio":{}}',
            AudioData(None, None, 0, b"\x01\x00", False),
        ),
        (
            '{"Kind":"AudioData","AudioData":{"Data":"AQA="},"StopAudio":null}',
            AudioData(None, None, 0, b"\x01\x00", None),
        ),
        ('{"kind":"AudioData","audioData":{"data":"AQA="}}', AudioData(None, None, 0, b"\x01\x00", None)),
        ('{"kind":"stopAudio","stopAudio":{}}', Unknown("stopAudio")),
    ],
)
def test_it_reads_what_bots_send_too(message: str, packet: Packet) -> None:
    assert wire.decode(message) == packet
