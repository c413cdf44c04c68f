"""What the client sends is what ACS sends (ACS.md 1 and 2)."""

import math
import uuid
from base64 import b64decode
from http import HTTPStatus

import pytest

from media.acs_client import Score, StreamFailed, StreamLost, stream
from tests.busy import allowance, kept_waiting
from tests.media.acs_client.media_socket import media_socket

A, B = "4:+15550100001", "8:acs:11111111-2222-3333-4444-555555555555_00000000-0000-0000-0000-000000000001"
FRAME, ZEROS = bytes([1, 2]) * 320, bytes(640)
NOON = 1_732_190_400_000_000_000  # 2024-11-21T12:00:00Z


async def test_it_knocks_with_the_headers_of_acs() -> None:
    async with media_socket() as seen:
        sent = await stream(seen.url, Score({None: FRAME}), speed=math.inf)
    assert seen.headers["x-ms-call-connection-id"] == sent.call_connection_id
    assert seen.headers["x-ms-call-correlation-id"] == sent.correlation_id
    assert uuid.UUID(sent.call_connection_id).version == 4
    for absent in ("Origin", "User-Agent", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"):
        assert absent not in seen.headers


async def test_it_takes_other_headers_instead_and_beside() -> None:
    named = {"X-MS-Call-Connection-Id": "c-1", "Authorization": "Bearer x"}
    async with media_socket() as seen:
        sent = await stream(seen.url, Score({None: FRAME}), speed=math.inf, headers=named)
    assert (seen.headers["x-ms-call-connection-id"], seen.headers["authorization"]) == ("c-1", "Bearer x")
    assert sent.call_connection_id == "c-1"


async def test_it_sends_metadata_first_and_closes_with_1000() -> None:
    async with media_socket() as seen:
        sent = await stream(seen.url, Score({None: bytes(960)}, rate=24_000), speed=math.inf)
    form = {"encoding": "PCM", "sampleRate": 24_000, "channels": 1, "length": 960}
    assert seen.metadata == {"kind": "AudioMetadata", "audioMetadata": {"subscriptionId": sent.subscription_id, **form}}
    assert seen.closed == 1000


async def test_it_sends_one_frame_of_each_lane_per_tick() -> None:
    async with media_socket() as seen:
        sent = await stream(seen.url, Score({A: FRAME * 2, B: ZEROS}), speed=math.inf, start=NOON + 5_999_999)
    frames = [(f["timestamp"], f["participantRawID"], b64decode(f["data"]), f["silent"]) for f in seen.audio]
    assert frames == [
        ("2024-11-21T12:00:00.005Z", A, FRAME, False),
        ("2024-11-21T12:00:00.005Z", B, ZEROS, True),
        ("2024-11-21T12:00:00.025Z", A, FRAME, False),
    ]
    assert (sent.start, sent.ticks, sent.frames) == (NOON + 5_000_000, 2, {A: 2, B: 1})


async def test_it_names_no_participant_when_mixed() -> None:
    async with media_socket() as seen:
        await stream(seen.url, Score({None: FRAME}), speed=math.inf)
    assert set(seen.audio[0]) == {"timestamp", "data", "silent"}


async def test_it_keeps_real_time_without_bursts_or_drift() -> None:
    before = kept_waiting()
    async with media_socket() as seen:
        await stream(seen.url, Score({None: FRAME * 75}))
    frames, late = seen.at[1:], allowance(1.5, kept_waiting() - before)
    assert frames[-1] - frames[0] == pytest.approx(74 * 0.02, abs=0.1 + late)
    most_in_100_ms = max(sum(begin <= at < begin + 0.1 for at in frames) for begin in frames)
    assert most_in_100_ms <= 10 + late * 50  # twice the pace, after a stall of this machine


async def test_it_plays_at_other_speeds_with_the_same_stamps() -> None:
    before = kept_waiting()
    async with media_socket() as seen:
        await stream(seen.url, Score({None: FRAME * 50}), speed=5, start=NOON)
    assert seen.at[-1] - seen.at[1] == pytest.approx(49 * 0.004, abs=0.1 + allowance(0.2, kept_waiting() - before))
    assert [frame["timestamp"][-5:] for frame in seen.audio[:3]] == [".000Z", ".020Z", ".040Z"]


async def test_it_tells_how_far_it_came_when_the_server_closes() -> None:
    async with media_socket(close_after=11) as seen:
        with pytest.raises(StreamLost, match=r"ended before its time, after 0\.\d+ s .*1012, restarting") as lost:
            await stream(seen.url, Score({None: FRAME * 500}), speed=2)
    assert 10 <= lost.value.sent.frames[None] <= 12
    assert "secret-token" not in str(lost.value)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (HTTPStatus.UNAUTHORIZED, "wants a JWT"),
        (HTTPStatus.FORBIDDEN, "has expired"),
        (HTTPStatus.UPGRADE_REQUIRED, "no media socket at this path"),
        (HTTPStatus.SERVICE_UNAVAILABLE, "takes no more streams now"),
        (HTTPStatus.IM_A_TEAPOT, "its log says why"),
    ],
)
async def test_it_says_why_it_was_refused(status: HTTPStatus, sentence: str) -> None:
    async with media_socket(refuse=status) as seen:
        with pytest.raises(StreamFailed, match=sentence) as refused:
            await stream(seen.url, Score({None: FRAME}))
    assert f"({status.value})" in str(refused.value)
    assert "secret-token" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "ws://", "nonsense", "ws://127.0.0.1:notaport/", ""])
async def test_it_refuses_what_is_no_address(url: str) -> None:
    with pytest.raises(StreamFailed, match="must begin with ws"):
        await stream(url, Score({None: FRAME}))


async def test_it_says_that_nobody_is_there() -> None:
    with pytest.raises(StreamFailed, match=r"Nothing answers at ws://127\.0\.0\.1:1 \(connection refused\)\. Start"):
        await stream("ws://127.0.0.1:1/acs/media/secret-token", Score({None: FRAME}))
