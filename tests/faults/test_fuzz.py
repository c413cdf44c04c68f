"""Anything at all comes in at a socket: that stream may end, its neighbour goes on, and the server archives both."""

import asyncio
import contextlib
import json
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from media.sessions.identity import session_of_call
from tests.faults import FULL
from tests.faults.installation import Installation
from tests.faults.load import Crowd, Talker

EXAMPLES, SECONDS = (500, 60) if FULL else (40, 10)
WORDS = ["kind", "AudioData", "AudioMetadata", "audioData", "audioMetadata", "timestamp", "data", "silent"]
WORDS += ["participantRawID", "encoding", "PCM", "sampleRate", "channels", "length", "subscriptionId", "StopAudio"]
WORDS += ["DtmfData", "dtmfData", "TranscriptionData", "transcriptionData", "words", "text", "2026-11-22T12:00:00Z"]
WORDS += ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "AAAA", "AAAAAAAA", "", "\0", "\ud800", "4:+15550100"]

words = st.sampled_from(WORDS) | st.text(max_size=20)
scalars = words | st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=5), max_leaves=12
)
audio = st.fixed_dictionaries(
    {},
    optional={
        "timestamp": words | st.datetimes().map(lambda at: at.isoformat() + "Z") | scalars,
        "data": st.binary(max_size=700).map(lambda data: data.hex()) | words,
        "participantRawID": words,
        "silent": scalars,
    },
)
metadata = st.fixed_dictionaries(
    {"encoding": st.sampled_from(["PCM", "pcm"]), "channels": st.just(1)},
    optional={"sampleRate": st.integers(-1, 50_000), "length": scalars, "subscriptionId": scalars},
)
packets = (
    values
    | audio.map(lambda inner: {"kind": "AudioData", "audioData": inner})
    | metadata.map(lambda inner: {"kind": "AudioMetadata", "audioMetadata": inner})
)
messages = packets.map(json.dumps) | st.text(max_size=100) | st.binary(max_size=200) | packets.map(repr)


def plain(message: str | bytes) -> str | bytes:
    """What a WebSocket client can send as text; the rest as binary."""
    return message if isinstance(message, bytes) else message.encode("utf-8", "surrogatepass")


async def say(url: str, said: list[str | bytes], as_text: bool, abruptly: bool) -> None:
    with contextlib.suppress(ConnectionClosed):
        async with connect(url, compression=None) as socket:
            for message in said:
                await socket.send(plain(message), text=as_text)
            if abruptly:
                socket.transport.abort()


@pytest.mark.slow
def test_a_neighbour_of_anything_at_all_is_kept_byte_for_byte(either: Installation) -> None:
    calls: list[uuid.UUID] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        derandomize=not FULL,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(said=st.lists(messages, max_size=30), as_text=st.booleans(), abruptly=st.booleans())
    def anything(said: list[Any], as_text: bool, abruptly: bool) -> None:
        calls.append(uuid.uuid4())
        asyncio.run(say(either.media_url(calls[-1]), said, as_text, abruptly))

    neighbour = Talker(5, SECONDS)
    with Crowd(either.ws, [neighbour]) as crowd:
        either.until(crowd.spoke, 20, "the neighbour did not begin")
        anything()
    either.until_archived(neighbour.session_id, 40)
    assert neighbour.closed == ""
    assert either.lanes(neighbour.session_id) == {neighbour.lane: neighbour.pcm}
    for call in calls:
        session = either.until_archived(session_of_call(call), 40)
        lanes = either.lanes(session_of_call(call))
        assert session["state"] in {"ended", "interrupted", "failed"}
        assert session["frames"]["stored"] == 0 or lanes
    assert "cannot be archived now" not in either.output()
    verified = either.manage("verify", "--all", seconds=120)
    assert verified.returncode == 0, verified.stdout
