"""What a media server really gets from a call without faults."""

import asyncio
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from acs_emulator.media import Silence, Talker
from acs_emulator.record import lane_pcm
from tests.acs_emulator.media.stage import ADA, BEN, noise, scenario, speaking, stage
from tests.busy import allowance, kept_waiting
from tests.faults import FULL


@pytest.mark.parametrize("rate", [16_000, 24_000])
async def test_it_sends_the_sound_files_sample_by_sample(tmp_path: Path, rate: int) -> None:
    ada, ben = noise(tmp_path / "ada.wav", 0.5, 1, rate), noise(tmp_path / "ben.wav", 0.5, 2, rate)
    talkers = [Talker(ADA, speaking(tmp_path / "ada.wav"), 0), Talker(BEN, speaking(tmp_path / "ben.wav"), 0)]
    async with stage(scenario(tmp_path), talkers, rate=rate) as it:
        connection = await it.server.messages(1 + 60)
    metadata = connection.messages[0].json
    assert metadata == {
        "kind": "AudioMetadata",
        "audioMetadata": {
            "subscriptionId": it.stream.subscription_id,
            "encoding": "PCM",
            "sampleRate": rate,
            "channels": 1,
            "length": rate // 25,
        },
    }
    for raw_id, pcm in ((ADA, ada), (BEN, ben)):
        assert b"".join(m.pcm for m in connection.lane(raw_id))[: len(pcm)] == pcm
        assert lane_pcm(it.world.record.lines or [], raw_id)[: len(pcm)] == pcm


async def test_it_dials_with_the_documented_headers(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), []) as it:
        connection = await it.server.connection()
    assert connection.headers["authorization"] == "Bearer jwt-1"
    assert connection.headers["x-ms-call-connection-id"] == it.call.call_connection_id
    assert connection.headers["x-ms-call-correlation-id"] == it.call.correlation_id
    assert "sec-websocket-protocol" not in connection.headers
    assert connection.path == "/acs/media/secret?key=also-secret"
    assert it.call.told[0] == ("mediaStreamingStarted", "subscriptionStarted", 200, 0)
    assert "secret" not in str(list(it.world.journal))


async def test_it_keeps_the_pace_and_sends_no_bursts(tmp_path: Path) -> None:
    before = kept_waiting()
    async with stage(scenario(tmp_path), [Talker(ADA, Silence(), 0)]) as it:
        connection = await it.server.messages(1 + 150)
    at = np.array([m.at for m in connection.lane(ADA)])
    late = at - at[0] - np.arange(len(at)) * 0.020
    assert np.abs(late).mean() < (0.005 if FULL else 0.02) + allowance(3, kept_waiting() - before)


async def test_it_catches_up_after_a_stall_of_its_own_without_a_burst(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [Talker(ADA, Silence(), 0)]) as it:
        connection = await it.server.messages(10)
        it.world.ticker._begin -= 0.2  # as if the loop had stood still
        before = len(connection.messages)
        await it.server.messages(before + 10)
    gaps = [later.at - earlier.at for earlier, later in pairwise(connection.messages[before:])]
    assert np.median(gaps) > 0.005


async def test_it_stamps_every_frame_20_ms_after_the_one_before(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [Talker(ADA, Silence(), 0)]) as it:
        connection = await it.server.messages(1 + 60)
    stamps = [np.datetime64(m.audio["timestamp"].removesuffix("Z"), "ms") for m in connection.lane(ADA)]
    assert {int((b - a) / np.timedelta64(1, "ms")) for a, b in pairwise(stamps)} == {20}


async def test_it_carries_the_four_loudest_only(tmp_path: Path) -> None:
    talkers = []
    for number in range(6):
        path = tmp_path / f"{number}.wav"
        noise(path, 2, number)
        talkers.append(Talker(f"4:+1555000{number}", speaking(path) if number != 2 else Silence(), 0))
    async with stage(scenario(tmp_path), talkers) as it:
        connection = await it.server.messages(1 + 200)
    ticks: dict[str, set[str]] = {}
    for message in connection.all_audio():
        ticks.setdefault(message.audio["timestamp"], set()).add(message.audio["participantRawID"])
    full = list(ticks.values())[12:-1]
    assert {len(lanes) for lanes in full} == {4}
    assert "4:+15550002" not in set.union(*full)


async def test_it_mixes_the_sum_without_a_participant(tmp_path: Path) -> None:
    ada = np.frombuffer(noise(tmp_path / "ada.wav", 0.3, 1), "<i2")
    ben = np.frombuffer(noise(tmp_path / "ben.wav", 0.3, 2), "<i2")
    talkers = [Talker(ADA, speaking(tmp_path / "ada.wav"), 0), Talker(BEN, speaking(tmp_path / "ben.wav"), 0)]
    async with stage(scenario(tmp_path), talkers, mixed=True) as it:
        connection = await it.server.messages(1 + 20)
    assert all("participantRawID" not in m.audio for m in connection.all_audio())
    heard = np.frombuffer(b"".join(m.pcm for m in connection.all_audio() if not m.audio["silent"]), "<i2")
    assert np.array_equal(heard[: len(ada)], ada + ben)


@pytest.mark.parametrize(("how", "expected"), [("flagged", (True, 640)), ("empty", (True, None)), ("missing", None)])
async def test_it_shows_silence_as_the_scenario_says(
    tmp_path: Path, how: str, expected: tuple[bool, int | None] | None
) -> None:
    noise(tmp_path / "ada.wav", 0.1, 1)
    talkers = [Talker(ADA, speaking(tmp_path / "ada.wav"), 0)]
    async with stage(scenario(tmp_path, f"stream: {{silence: {how}}}"), talkers) as it:
        connection = await it.server.messages(1 + 5)
        await asyncio.sleep(0.2)
    silent = [m.audio for m in connection.lane(ADA)[5:]]
    if expected is None:
        assert not silent
    else:
        assert {(a["silent"], a["data"] and len(a["data"]) * 3 // 4 - a["data"].count("=")) for a in silent} == {
            expected
        }


async def test_it_sends_zeros_for_who_is_muted_or_on_hold(tmp_path: Path) -> None:
    noise(tmp_path / "ada.wav", 1, 1)
    talker = Talker(ADA, speaking(tmp_path / "ada.wav"), 0, muted=True)
    async with stage(scenario(tmp_path), [talker]) as it:
        connection = await it.server.messages(8)
        assert not any(connection.lane(ADA)[-1].pcm)
        talker.muted = False
        await it.server.messages(16)
    assert any(connection.lane(ADA)[-1].pcm)


async def test_it_sends_tones_only_when_asked_for(tmp_path: Path) -> None:
    for dtmf, expected in ((True, ["5"]), (False, [])):
        async with stage(scenario(tmp_path), [Talker(ADA, Silence(), 0)], dtmf=dtmf) as it:
            connection = await it.server.messages(3)
            it.stream.tone(ADA, "5")
            await it.server.messages(8)
        tones = [m.json["dtmfData"] for m in connection.messages if m.json["kind"] == "DtmfData"]
        assert [tone["data"] for tone in tones] == expected
