"""The record: what really went over the sockets."""

import hashlib
from pathlib import Path

import pytest

from acs_emulator.errors import Unwritable
from acs_emulator.media import Talker
from acs_emulator.record import Record, lane_pcm, read_record
from tests.acs_emulator.media.stage import ADA, World, noise, scenario, speaking, stage


async def test_it_rebuilds_a_lane_from_the_file(tmp_path: Path) -> None:
    noise(tmp_path / "ada.wav", 1, 1)
    async with stage(scenario(tmp_path), [Talker(ADA, speaking(tmp_path / "ada.wav"), 0)]) as it:
        await it.stream.stop("again")
        it.world.record = Record(tmp_path / "record.jsonl", audio=True)
        await it.stream.start()
        connection = await it.server.messages(20, number=1)
        await it.stream.stop("enough")
        it.world.record.close()
    with (tmp_path / "record.jsonl").open("ab") as file:
        file.write(b'{"line":"mess')
    lines = read_record(tmp_path / "record.jsonl")
    assert [line["line"] for line in lines][:2] == ["opened", "message"]
    assert lines[-1]["line"] == "closed"
    assert lane_pcm(lines, ADA, lines[0]["connection"]) == b"".join(m.pcm for m in connection.lane(ADA))
    messages = [line for line in lines if line["line"] == "message"]
    assert [line["message"] for line in messages] == list(range(1, len(connection.messages) + 1))
    for line, arrived in zip(messages[1:], connection.messages[1:], strict=True):
        assert (line["stamp"], line["lane"]) == (arrived.audio["timestamp"], arrived.audio["participantRawID"])
        assert (line["bytes"], line["sha256"]) == (640, hashlib.sha256(arrived.pcm).hexdigest())


async def test_it_holds_only_what_was_sent(tmp_path: Path) -> None:
    noise(tmp_path / "ada.wav", 2, 1)
    text = "stream: {redial: never, faults: [{do: lose, at: 100ms, frames: 3}, {do: drop_socket, at: 400ms}]}"
    async with stage(scenario(tmp_path, text), [Talker(ADA, speaking(tmp_path / "ada.wav"), 0)]) as it:
        connection = await it.server.connection()
        await connection.ended.wait()
    lines = it.world.record.lines or []
    assert lane_pcm(lines, ADA) == b"".join(m.pcm for m in connection.lane(ADA))


def test_it_says_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(Unwritable, match=r"missing/x\.jsonl cannot be written: no such file or directory"):
        Record(tmp_path / "missing" / "x.jsonl")


def test_it_costs_nothing_while_off(tmp_path: Path) -> None:
    world = World(scenario(tmp_path), record=Record())
    world.record.message(1, 1, "now", "AudioData", {}, b"")
    assert world.record.lines is None
