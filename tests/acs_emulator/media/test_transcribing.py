"""A transcription socket: the scenario's words, when they have been spoken."""

from pathlib import Path

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
