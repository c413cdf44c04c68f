"""A transcription socket: the scenario's words, when they have been spoken."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from acs_emulator.media import FileVoice, Said, Talker, TranscriptionOptions, TranscriptionStream
from tests.acs_emulator.media.stage import ADA, noise, scenario, stage

BODY = {"locale": "en-US", "startTranscription": True, "enableIntermediateResults": True}


async def test_it_sends_the_words_of_the_scenario(tmp_path: Path) -> None:
    noise(tmp_path / "ada.wav", 0.4, 1)
    voice = FileVoice([Said(tmp_path / "ada.wav", 200, "Good morning everybody")])
    async with stage(scenario(tmp_path), [], start=False) as it:
        options = TranscriptionOptions.of({**BODY, "transportUrl": it.server.url})
        words = TranscriptionStream(it.call, options, it.world)
        it.call.everybody.append(Talker(ADA, voice, it.world.ticker.number))
        await words.start()
        connection = await it.server.messages(3)
        words.update("de-DE")
        await words.stop("the test is over")
    metadata, intermediate, final = (m.json for m in connection.messages)
    assert metadata["transcriptionMetadata"]["locale"] == "en-US"
    assert metadata["transcriptionMetadata"]["callConnectionId"] == it.call.call_connection_id
    assert intermediate["transcriptionData"]["resultStatus"] == "Intermediate"
    assert "words" not in intermediate["transcriptionData"]
    said = final["transcriptionData"]
    assert (said["text"], said["participantRawID"], said["duration"]) == ("Good morning everybody", ADA, 4_000_000)
    assert [word["text"] for word in said["words"]] == ["Good", "morning", "everybody"]
    assert connection.messages[2].at - connection.messages[1].at > 0.15
    assert [status for status, *_ in it.call.told] == [
        "transcriptionStarted",
        "transcriptionUpdated",
        "transcriptionStopped",
    ]


async def test_it_dials_once_and_not_for_nothing(tmp_path: Path) -> None:
    """Started twice at once; and stopped, as by the end of the call, before the socket is open."""
    async with stage(scenario(tmp_path), [], start=False) as it:
        words = TranscriptionStream(it.call, TranscriptionOptions.of({**BODY, "transportUrl": it.server.url}), it.world)
        await asyncio.gather(words.start(), words.start())
        await it.server.messages(1)
        await words.stop("enough")
        starting = asyncio.create_task(words.start())
        await asyncio.sleep(0)
        await words.stop("changed our mind")
        await starting
        await asyncio.gather(*(connection.ended.wait() for connection in it.server.connections))
        assert [len(connection.messages) for connection in it.server.connections] == [1, 0]
        assert words.state == "inactive"
    told = [status for status, *_ in it.call.told]
    assert told == ["transcriptionStarted", "transcriptionStopped", "transcriptionStopped"]


async def test_it_says_that_its_socket_is_lost_and_dials_again_as_often_as_a_media_socket(tmp_path: Path) -> None:
    text = "stream: {attempts: 2, redial: 50ms}"
    noise(tmp_path / "ada.wav", 0.2, 1)
    voice = FileVoice([Said(tmp_path / "ada.wav", 100, "Good morning")], repeat=True)
    async with stage(scenario(tmp_path, text), [], start=False) as it:
        words = TranscriptionStream(it.call, TranscriptionOptions.of({**BODY, "transportUrl": it.server.url}), it.world)
        it.call.everybody.append(Talker(ADA, voice, it.world.ticker.number))
        await words.start("de-DE")
        (await it.server.messages(1)).close(1001)
        second = await it.server.messages(3, number=1)
        assert "TranscriptionData" in second.kinds()
        it.server.status = 503
        second.close(1001)
        await it.server.until(lambda: len(it.call.told) == 5)
        it.server.status = 101
        await words.start()  # the application asks for it
        await it.server.messages(1, number=2)
        await words.stop("the test is over")
    told = [(status, details) for status, details, _, _ in it.call.told]
    lost = ("transcriptionFailed", "streamConnectionInterrupted")
    assert told == [
        ("transcriptionStarted", "subscriptionStarted"),
        lost,
        ("transcriptionStarted", "streamConnectionReestablished"),
        lost,
        ("transcriptionFailed", "streamConnectionUnsuccessful"),
        ("transcriptionStarted", "subscriptionStarted"),
        ("transcriptionStopped", "subscriptionStopped"),
    ]
    assert it.call.told[1][2:] == (500, 8578)
    metadata = [connection.messages[0].json["transcriptionMetadata"] for connection in it.server.connections]
    assert [one["locale"] for one in metadata] == ["de-DE"] * 3
    assert metadata[0]["subscriptionId"] != metadata[1]["subscriptionId"]
    assert [entry["attempt"] for entry in it.world.journal.entries("dial_failed")] == [1, 2]


async def test_it_dials_no_more_when_told_so_or_stopped(tmp_path: Path) -> None:
    for text, told in (("redial: never", 2), ("redial: 100ms", 3)):
        async with stage(scenario(tmp_path, f"stream: {{{text}}}"), [], start=False) as it:
            options = TranscriptionOptions.of({**BODY, "transportUrl": it.server.url})
            words = TranscriptionStream(it.call, options, it.world)
            await words.start()
            (await it.server.messages(1)).close(1001)
            await it.server.until(lambda words=words: words.state == "inactive")  # type: ignore[misc]
            await words.stop("the call ended")
            await asyncio.sleep(0.2)
            assert (len(it.server.connections), len(it.call.told)) == (1, told)


@pytest.mark.parametrize("generation", ["1", "2p"])
async def test_it_repeats_itself_in_other_generations(tmp_path: Path, generation: str) -> None:
    noise(tmp_path / "ada.wav", 0.2, 1)
    voice = FileVoice([Said(tmp_path / "ada.wav", 100, "Good morning")], repeat=True)
    async with stage(scenario(tmp_path, f'stream: {{messages: "{generation}"}}'), [], start=False) as it:
        options = TranscriptionOptions.of({"locale": "en-US", "transportUrl": it.server.url})
        words = TranscriptionStream(it.call, options, it.world)
        it.call.everybody.append(Talker(ADA, voice, it.world.ticker.number))
        await words.start()
        connection = await it.server.messages(4)
        await words.stop("the test is over")
    metadata, *said = (m.json for m in connection.messages[:4])
    data = [one["transcriptionData"] for one in said]
    assert [one["text"] for one in data] == ["Good morning"] * 3
    assert [b["offset"] - a["offset"] for a, b in pairwise(data)] == [3_000_000, 3_000_000], "every 300 ms"
    if generation == "1":
        year_1 = datetime(1, 1, 1, tzinfo=UTC)
        began = year_1 + timedelta(microseconds=data[0]["offset"] // 10)
        assert abs(datetime.now(UTC) - began) < timedelta(minutes=5)
        assert not any("duration" in part for part in (*data, *data[0]["words"]))
    else:
        assert metadata["transcriptionMetadata"]["locales"] == ["en-US"]
        assert data[0]["sentimentAnalysisResult"] == {"sentiment": "neutral"}
        assert data[0]["languageIdentified"] == "en-US"
