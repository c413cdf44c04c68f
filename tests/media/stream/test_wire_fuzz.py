"""Whatever comes, `decode` gives a packet or BadPacket; and its two paths read the same."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from media.stream import tolerant, wire
from media.stream.errors import BadPacket
from media.stream.packets import AudioData, Packet

PACKETS = [
    '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"b5f0","encoding":"PCM","sampleRate":16000,"length":640}}',
    '{"kind":"AudioData","audioData":{"timestamp":"2024-11-15T19:16:12.925Z","participantRawID":"4:+1555","data":"AQACAA=="'
    ',"silent":false}}',
    '{"subscriptionId":"b5f0","format":{"encoding":"PCM","sampleRate":16000,"channels":1,"length":640.0}}',
    '{"data":"AQACAA==","timestamp":"2024-11-15T19:16:12.9251234+00:00","participantId":"4:+1555","isSilence":false}',
    '{"Kind":"AudioData","AudioData":{"Data":"AQA=","Timestamp":"0001-01-01T00:00:00+00:00","Participant":null},"StopAudio":null}',
    '{"kind":"DtmfData","dtmfData":{"data":"5"}}',
    '{"kind":"TranscriptionData","transcriptionData":{"text":"hi","offset":51300000,"words":[{"text":"hi","offset":1}]}}',
    '{"kind":"MarkData","markData":{"id":"m","status":"Completed"}}',
]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
timestamps = st.sampled_from(
    ["2024-11-15T19:16:12.925Z", "2024-11-15T19:16:12Z", "", "0001-01-01T00:00:00+00:00", 1731698172]
)
base64 = st.sampled_from(["AQA=", "AQACAA==", "AQID", "AQ", "_-A=", "", None])
lanes = st.sampled_from(["4:+1555", "8:acs:a_b", "", None, "x" * 513, "\0", "Ä"])
names = {
    "timestamp": timestamps | anything,
    "Timestamp": timestamps,
    "participantRawID": lanes | anything,
    "participantRawId": lanes,
    "participantId": lanes,
    "data": base64 | anything,
    "Data": base64,
    "silent": st.booleans() | anything,
    "isSilent": st.booleans(),
    "kind": st.just("AudioData"),
}
# Lists of pairs, not dictionaries: so that a name may come twice.
frames = st.lists(
    st.sampled_from(sorted(names)).flatmap(lambda name: st.tuples(st.just(name), names[name])), max_size=6
)
good_frames = st.tuples(
    st.tuples(st.just("timestamp"), st.just("2024-11-15T19:16:12.925Z")),
    st.tuples(st.sampled_from(["data", "Data"]), st.sampled_from(["AQA=", "AgA="])),
).map(list)
tops = st.lists(
    st.tuples(st.just("kind"), st.sampled_from(["AudioData", "audioData", "AudioMetadata", "", None]) | anything)
    | st.tuples(st.sampled_from(["audioData", "audioData", "AudioData", "stopAudio"]), frames | good_frames)
    | st.tuples(st.text(max_size=5), anything),
    max_size=4,
)


def outcome(read: Any, message: str | bytes) -> Packet | str:
    try:
        packet: Packet = read(message)
    except BadPacket as error:
        return str(error)
    return packet


def object_of(pairs: list[tuple[str, Any]]) -> str:
    """JSON of pairs, and of pairs within pairs; names may come twice."""
    return "{" + ",".join(f"{json.dumps(name)}:{_value(value)}" for name, value in pairs) + "}"


def _value(value: Any) -> str:
    pairs = isinstance(value, list) and value and all(isinstance(item, tuple) for item in value)
    return object_of(value) if pairs else json.dumps(value)


@given(message=st.binary() | st.text())
@example("\ud800")
@example(b"\xed\xa0\x80")
def test_it_survives_any_message(message: str | bytes) -> None:
    outcome(wire.decode, message)


@given(
    content=anything,
    kind=st.sampled_from(["AudioData", "AudioMetadata", "DtmfTone", "TranscriptionData", "MarkData", None]),
)
def test_it_survives_any_json(content: Any, kind: str | None) -> None:
    outcome(wire.decode, json.dumps(content))
    outcome(wire.decode, json.dumps({"kind": kind, "audioData": content, "audioMetadata": content}))
    if kind:
        outcome(wire.decode, json.dumps({"kind": kind, kind: content}))


@given(packet=st.sampled_from(PACKETS), at=st.floats(0, 1), cut=st.integers(0, 40), filling=st.binary(max_size=8))
def test_it_survives_damage(packet: str, at: float, cut: int, filling: bytes) -> None:
    whole = packet.encode()
    place = int(at * len(whole))
    damaged = whole[:place] + filling + whole[place + cut :]
    assert outcome(wire.decode, damaged) == outcome(tolerant.read, damaged)


@given(packet=st.sampled_from(PACKETS), value=anything, choice=st.randoms(use_true_random=False))
def test_it_survives_any_value_in_any_field(packet: str, value: Any, choice: Any) -> None:
    content = json.loads(packet)
    body = choice.choice([content] + [inner for inner in content.values() if isinstance(inner, dict)])
    body[choice.choice(sorted(body))] = value
    outcome(wire.decode, json.dumps(content))


@given(top=tops, as_bytes=st.booleans())
def test_its_fast_path_reads_what_the_tolerant_one_reads(top: list[tuple[str, Any]], as_bytes: bool) -> None:
    text = object_of(top)
    message: str | bytes = text.encode() if as_bytes else text
    assert outcome(wire.decode, message) == outcome(tolerant.read, message)


@given(frame=frames)
def test_its_two_paths_agree_on_frames(frame: list[tuple[str, Any]]) -> None:
    message = object_of([("kind", "AudioData"), ("audioData", frame or [("data", "AQA=")])])
    assert outcome(wire.decode, message) == outcome(tolerant.read, message)


@given(
    stamp=st.sampled_from(["2024-11-15T19:16:12.925Z", "2024-11-15T19:16:12+02:00", "x"]),
    pcm=st.binary(max_size=64),
    lane=st.none() | st.text(max_size=600),
    silent=st.none() | st.booleans(),
)
def test_its_two_paths_agree_on_good_frames(stamp: str, pcm: bytes, lane: str | None, silent: bool | None) -> None:
    encoded = json.loads(wire.encode_audio(pcm))["AudioData"]["Data"]
    body = {"timestamp": stamp, "participantRawID": lane, "data": encoded, "silent": silent}
    message = json.dumps({"kind": "AudioData", "audioData": body})
    packet = outcome(wire.decode, message)
    assert packet == outcome(tolerant.read, message)
    if isinstance(packet, AudioData):
        assert (packet.pcm, packet.lane, packet.silent) == (pcm, lane or None, silent)
