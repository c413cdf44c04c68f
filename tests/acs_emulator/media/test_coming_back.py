"""Audio that the application sends back plays into the call in real time, and StopAudio clears it."""

import asyncio
import base64
import json
from pathlib import Path

import numpy as np

from acs_emulator.media import LiveVoice, Silence, Talker
from acs_emulator.ticker import Ticker
from tests.acs_emulator.media.stage import ADA, Call, Stage, scenario, stage


def pcm_of(seconds: float, rate: int = 16_000) -> bytes:
    return np.random.default_rng(9).integers(1, 3000, round(seconds * rate), dtype=np.int16).tobytes()


def audio(pcm: bytes, **more: object) -> str:
    return json.dumps({"Kind": "AudioData", "AudioData": {"Data": base64.b64encode(pcm).decode(), **more}})


def listen(it: Stage) -> list[bytes]:
    """What somebody in the call hears of the application, tick by tick."""
    heard: list[bytes] = []
    voice = it.call.application
    assert voice
    it.world.ticker.add(lambda number: heard.append(voice.frame(number, 16_000)))
    return heard


async def test_it_plays_a_burst_in_real_time(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [Talker(ADA, Silence(), 0)], bidirectional=True) as it:
        heard, sent = listen(it), pcm_of(0.6)
        (await it.server.connection()).say(audio(sent))
        begin = asyncio.get_running_loop().time()
        await it.server.until(lambda: b"".join(heard).strip(b"\0") and not any(heard[-1]))
        assert asyncio.get_running_loop().time() - begin > 0.55
    assert sent in b"".join(heard)
    assert sum(any(frame) for frame in heard) == 30, "20 ms a tick"


async def test_it_forgets_what_waits_upon_stop_audio(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [Talker(ADA, Silence(), 0)], bidirectional=True) as it:
        heard, connection = listen(it), await it.server.connection()
        connection.say(audio(pcm_of(5)))
        await it.server.until(lambda: any(heard[-1:] and heard[-1]))
        connection.say('{"kind":"stopAudio","stopAudio":{}}')
        await it.server.until(lambda: it.world.journal.entries("stop_audio"))
        await asyncio.sleep(0.06)
        assert not any(heard[-1])
    assert it.world.journal.entries("stop_audio")[0]["dropped_ms"] > 4000


async def test_it_ignores_audio_unless_bidirectional(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [Talker(ADA, Silence(), 0)]) as it:
        heard = listen(it)
        (await it.server.connection()).say(audio(pcm_of(0.2)))
        await it.server.until(lambda: it.world.journal.entries("application_audio"))
        await asyncio.sleep(0.1)
    assert not any(b"".join(heard))
    assert "enableBidirectional" in it.world.journal.entries("application_audio")[0]["why"]


async def test_it_answers_marks_when_they_are_reached(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [Talker(ADA, Silence(), 0)], bidirectional=True) as it:
        connection = await it.server.connection()
        connection.say(audio(pcm_of(0.2), Mark={"Id": "first"}))
        await it.server.until(lambda: "MarkData" in connection.kinds())
        connection.say(audio(pcm_of(5), Mark={"Id": "second"}))
        connection.say('{"Kind":"StopAudio","StopAudio":{}}')
        await it.server.until(lambda: connection.kinds().count("MarkData") == 2)
    marks = [m.json["markData"] for m in connection.messages if m.json["kind"] == "MarkData"]
    assert marks == [{"id": "first", "status": "Completed"}, {"id": "second", "status": "Cancelled"}]


async def test_it_is_heard_by_another_leg(tmp_path: Path) -> None:
    async with stage(scenario(tmp_path), [], bidirectional=True) as it:
        other = Call([Talker("28:bot", it.call.application or Silence(), 0)])
        heard: list[bytes] = []
        it.world.ticker.add(lambda n: heard.extend(t.voice.frame(n, 24_000) for t in other.talkers()))
        (await it.server.connection()).say(audio(pcm_of(0.3)))
        await it.server.until(lambda: any(b"".join(heard)))
    assert {len(frame) for frame in heard} == {960}


async def test_a_microphone_keeps_the_delay_short() -> None:
    microphone = LiveVoice(Ticker(), limit_ms=300)
    microphone.feed(pcm_of(2), 16_000)
    assert microphone.waiting_ms == 300
