"""Each fault of a scenario's `stream` is really on the wire."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from websockets.frames import Opcode

from acs_emulator.media import Talker
from acs_emulator.scenario import parse_fault
from tests.acs_emulator.media.stage import ADA, BEN, Stage, noise, scenario, speaking, stage
from tests.acs_emulator.sockets import Arrived, Connection


def faults(*lines: str) -> str:
    return "stream:\n  redial: 100ms\n  faults:\n" + "".join(f"    - {{{line}}}\n" for line in lines)


def ada(tmp_path: Path) -> list[Talker]:
    noise(tmp_path / "ada.wav", 4, 1)
    return [Talker(ADA, speaking(tmp_path / "ada.wav"), 0)]


def frame_numbers(connection: Connection, it: Stage) -> list[int]:
    """Which frame of Ada's each message carries, in order of arrival."""
    voice = it.call.everybody[0].voice
    known = {voice.frame(number, 16_000): number for number in range(200)}
    return [known[m.pcm] for m in connection.lane(ADA) if any(m.pcm)]


def when(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


async def test_it_stalls_and_sends_all_in_one_burst(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, faults("do: stall, at: 200ms, for: 500ms")), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 50)
    lane = connection.lane(ADA)
    gaps = [later.at - earlier.at for earlier, later in pairwise(lane)]
    assert 0.45 < max(gaps) < 2
    burst = gaps.index(max(gaps)) + 1
    assert sum(gaps[burst : burst + 23]) < 0.2
    assert frame_numbers(connection, it) == list(range(len(frame_numbers(connection, it))))


async def test_it_stalls_and_loses_what_was_said(tmp_path: Path) -> None:
    text = faults("do: stall, at: 200ms, for: 500ms, then: loss")
    async with stage(scenario(tmp_path, text), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 30)
    numbers = frame_numbers(connection, it)
    assert [b - a for a, b in pairwise(numbers) if b - a > 1] == [26]


async def test_it_repeats_frames(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, faults("do: duplicate, at: 200ms, frames: 3")), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 30)
    lane = connection.lane(ADA)
    same = [(a, b) for a, b in pairwise(lane) if a.text == b.text]
    assert len(same) == 3
    record = [line for line in it.world.record.lines or [] if "duplicate" in line.get("faults", ())]
    assert len(record) == 3


async def test_it_swaps_neighbours(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, faults("do: reorder, at: 200ms, frames: 4")), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 30)
    numbers = frame_numbers(connection, it)
    assert sorted(numbers) == list(range(len(numbers)))
    assert [b - a for a, b in pairwise(numbers) if b - a != 1] == [2, -1, 3, -1, 2]


async def test_it_sends_frames_late_with_their_own_stamps(tmp_path: Path) -> None:
    text = faults("do: late, at: 200ms, frames: 1, by: 200ms")
    async with stage(scenario(tmp_path, text), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 40)
    numbers = frame_numbers(connection, it)
    late = next(number for number in numbers if numbers.index(number) > number)
    assert numbers.index(late) == late + 10
    stamps = [when(m.audio["timestamp"]) for m in connection.lane(ADA) if any(m.pcm)]
    assert stamps[late + 10] - stamps[0] == timedelta(milliseconds=20 * late)


async def test_it_loses_frames(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, faults("do: lose, at: 200ms, for: 100ms")), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 30)
    assert [b - a for a, b in pairwise(frame_numbers(connection, it)) if b - a > 1] == [6]


async def test_it_loses_frames_of_one_lane(tmp_path: Path) -> None:
    noise(tmp_path / "ben.wav", 4, 2)
    talkers = [*ada(tmp_path), Talker(BEN, speaking(tmp_path / "ben.wav"), 0)]
    text = faults(f'do: lose, for: 1h, lane: "{BEN}"')
    async with stage(scenario(tmp_path, text), talkers) as it:
        connection = await it.server.messages(1 + 20)
    assert connection.lane(ADA)
    assert not connection.lane(BEN)


async def test_it_jumps_in_time_for_a_while(tmp_path: Path) -> None:
    text = faults("do: clock_jump, at: 200ms, for: 200ms, by: -1h")
    async with stage(scenario(tmp_path, text), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 40)
    stamps = [when(m.audio["timestamp"]) for m in connection.lane(ADA)]
    steps = [b - a for a, b in pairwise(stamps) if b - a != timedelta(milliseconds=20)]
    hour = timedelta(hours=1)
    assert steps == [timedelta(milliseconds=20) - hour, timedelta(milliseconds=20) + hour]


async def test_it_follows_a_jump_of_the_world_s_clock(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), ada(tmp_path)) as it:
        connection = await it.server.messages(10)
        it.world.clock.jump(30)
        await it.server.messages(20)
    stamps = [when(m.audio["timestamp"]) for m in connection.lane(ADA)]
    assert timedelta(seconds=30, milliseconds=20) in {b - a for a, b in pairwise(stamps)}


async def test_it_halves_frames(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, faults("do: halve, at: 200ms, frames: 2")), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 30)
    short = [m for m in connection.lane(ADA) if len(m.pcm) == 320]
    assert len(short) == 4
    assert when(short[1].audio["timestamp"]) - when(short[0].audio["timestamp"]) == timedelta(milliseconds=10)
    whole = b"".join(m.pcm for m in connection.lane(ADA) if any(m.pcm))
    assert (tmp_path / "ada.wav").read_bytes()[44:].startswith(whole)


async def test_it_fragments_messages(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, faults("do: fragment, at: 100ms, frames: 2, pieces: 4")), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 20)
    assert [m.pieces for m in connection.lane(ADA) if m.pieces > 1] == [4, 4]
    assert frame_numbers(connection, it)[:15] == list(range(15))


async def test_it_sends_binary_messages(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, faults("do: binary, frames: 5")), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 20)
    assert sum(m.opcode is Opcode.BINARY for m in connection.lane(ADA)) == 5


@pytest.mark.parametrize("how", ["json", "base64", "odd", "nothing", "stamp"])
async def test_it_damages_frames(tmp_path: Path, how: str) -> None:
    text = faults(f"do: damage, at: 100ms, frames: 2, how: {how}")
    async with stage(scenario(tmp_path, text), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 20)
    damaged: Callable[[Arrived], Any] = {
        "json": lambda m: m.json is None,
        "base64": lambda m: m.json and "*" in m.audio.get("data", ""),
        "odd": lambda m: m.json and "data" in m.audio and len(m.pcm) == 639,
        "nothing": lambda m: m.json and m.audio["data"] is None,
        "stamp": lambda m: m.json and "noon" in m.audio["timestamp"],
    }[how]
    found = [m.text for m in connection.messages[1:] if damaged(m)]
    assert len(found) == 2
    assert found == [line["text"] for line in it.world.record.lines or [] if f"damage:{how}" in line.get("faults", ())]


async def test_it_sends_any_text(tmp_path: Path) -> None:
    text = faults("""do: send, at: 100ms, text: '{"kind":"VideoData"}'""")
    async with stage(scenario(tmp_path, text), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 20)
    assert connection.kinds().count("VideoData") == 1


async def test_it_sends_metadata_late(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, "stream: {metadata_after: 200ms}"), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 20)
    assert 5 <= connection.kinds().index("AudioMetadata") <= 10  # the talker joins within these ten


@pytest.mark.parametrize(
    ("how", "code", "broken"), [("close, code: 1011", 1011, False), ("abort", None, False), ("half", None, True)]
)
async def test_it_drops_the_socket_and_dials_again(tmp_path: Path, how: str, code: int | None, broken: bool) -> None:
    text = faults(f"do: drop_socket, at: 200ms, how: {how}")
    async with stage(scenario(tmp_path, text), ada(tmp_path)) as it:
        second = await it.server.messages(10, number=1)
        first = it.server.connections[0]
        await asyncio.wait_for(first.ended.wait(), 30)
    assert (first.close_code, first.broken_frame) == (code, broken)
    assert second.path == first.path
    assert (first.headers["authorization"], second.headers["authorization"]) == ("Bearer jwt-1", "Bearer jwt-2")
    ids = [c.messages[0].json["audioMetadata"]["subscriptionId"] for c in (first, second)]
    assert len(set(ids)) == 2
    assert [details for _, details, _, _ in it.call.told][:3] == [
        "subscriptionStarted",
        "streamConnectionInterrupted",
        "streamConnectionReestablished",
    ]
    assert frame_numbers(second, it)[0] > frame_numbers(first, it)[-1] + 3


async def test_it_never_dials_again_when_told_so(tmp_path: Path) -> None:
    text = "stream: {redial: never, faults: [{do: drop_socket, at: 100ms}]}"
    async with stage(scenario(tmp_path, text), ada(tmp_path)) as it:
        await it.server.until(lambda: len(it.call.told) == 2)
        await asyncio.sleep(0.3)
        assert len(it.server.connections) == 1
        assert it.stream.state == "inactive"
        await it.stream.start()  # the application asks for it
        await it.server.messages(5, number=1)


async def test_it_dials_again_when_the_application_closes(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, faults("do: lose")), ada(tmp_path)) as it:
        first = await it.server.messages(5)
        first.close(1001)
        await it.server.messages(5, number=1)
    closed = it.world.journal.entries("socket_closed", connection=1)
    assert [(entry["code"], entry["by"]) for entry in closed] == [(1001, "application")]


async def test_it_gives_up_after_so_many_attempts(tmp_path: Path) -> None:
    text = "stream: {attempts: 2, redial: 50ms, faults: [{do: drop_socket, at: 100ms}]}"
    async with stage(scenario(tmp_path, text), ada(tmp_path)) as it:
        await it.server.connection()
        it.server.status = 503
        await it.server.until(lambda: len(it.call.told) == 3)
        attempts = it.world.journal.entries("dial_failed")
    assert [details for _, details, _, _ in it.call.told][1:3] == [
        "streamConnectionInterrupted",
        "streamConnectionUnsuccessful",
    ]
    assert [(entry["attempt"], entry["status"]) for entry in attempts] == [(1, 503), (2, 503)]


async def test_it_can_be_of_an_older_generation_and_unsteady(tmp_path: Path) -> None:
    text = "stream: {headers: false, stamp_digits: 6, jitter: 5ms}"
    async with stage(scenario(tmp_path, text), ada(tmp_path)) as it:
        connection = await it.server.messages(1 + 30)
    assert not {"authorization", "x-ms-call-connection-id", "x-ms-call-correlation-id"} & connection.headers.keys()
    stamps = [m.audio["timestamp"] for m in connection.lane(ADA)]
    assert max(len(stamp) for stamp in stamps) == len("2026-11-22T19:16:12.925123Z")
    steps = {(when(b) - when(a)) / timedelta(milliseconds=1) for a, b in pairwise(stamps)}
    assert len(steps) > 10
    assert all(10 <= step <= 30 for step in steps)


async def test_it_refuses_dials_as_unreachable(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path, "stream: {refuse: 1}"), ada(tmp_path)) as it:
        assert it.call.told == [("mediaStreamingFailed", "initialWebSocketConnectionFailed", 400, 8581)]
        assert not it.server.connections
        await it.stream.start()
        await it.server.messages(5)


async def test_it_reports_8581_for_a_server_that_refuses(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), ada(tmp_path), start=False) as it:
        it.server.status = 403
        await it.stream.start()
    assert it.call.told[0][2:] == (400, 8581)
    assert it.world.journal.entries("dial_failed")[0]["status"] == 403


async def test_it_takes_a_fault_while_it_runs(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), ada(tmp_path)) as it:
        connection = await it.server.messages(10)
        it.stream.inject(parse_fault({"do": "duplicate", "frames": 5}))
        await it.server.messages(40)
    assert sum(a.text == b.text for a, b in pairwise(connection.lane(ADA))) == 5


async def test_it_does_the_same_again_by_its_seed(tmp_path: Path) -> None:
    text = "seed: 42\n" + faults("do: lose, for: 1h, chance: 0.3")
    runs = []
    for _ in range(2):
        async with stage(scenario(tmp_path, text), ada(tmp_path)) as it:
            connection = await it.server.messages(1 + 30)
        numbers = frame_numbers(connection, it)
        first = connection.lane(ADA)[0].audio["timestamp"]
        assert first
        runs.append([number for number in numbers if number < 30])
    assert runs[0] == runs[1]
    assert len(runs[0]) < 28


@pytest.mark.parametrize(
    ("generation", "metadata", "audio"),
    [
        ("1", {"kind", "audioMetadata"}, {"timestamp", "participantRawID", "data", "silent"}),
        ("0", {"subscriptionId", "format"}, {"timestamp", "participantId", "data", "isSilence"}),
        ("java", {"audioMetadata"}, {"timestamp", "participantRawId", "data", "silent"}),
        ("pascal", {"Kind", "AudioMetadata"}, {"Timestamp", "ParticipantRawID", "Data", "IsSilent"}),
    ],
)
async def test_it_speaks_every_generation(tmp_path: Path, generation: str, metadata: set[str], audio: set[str]) -> None:
    async with stage(scenario(tmp_path, f'stream: {{messages: "{generation}"}}'), ada(tmp_path)) as it:
        connection = await it.server.messages(5)
    assert set(connection.messages[0].json) == metadata
    frame = json.loads(connection.messages[2].text)
    inner = frame if generation == "0" else frame.get("audioData", frame.get("AudioData"))
    assert set(inner) == audio
