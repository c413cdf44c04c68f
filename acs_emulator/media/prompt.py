"""What the application has played into a call: a file that is fetched and really timed, or a text of which only the
length is known (about). Knows no REST."""

import asyncio
import ssl
from collections.abc import Sequence
from typing import Self

import aiohttp
import numpy as np

from acs_emulator.errors import BadSound
from acs_emulator.media.sounds import FRAME_MS, decode, frame_bytes
from acs_emulator.media.voice import RATES, LiveVoice
from acs_emulator.ticker import Ticker

RATE = RATES[0]
FETCH_SECONDS = 20
LARGEST = 32 << 20

# How fast a synthetic voice speaks, roughly; there is no speech synthesis here: a text is a tone of this length.
MS_A_CHARACTER = 65
TONE_HZ = 440


class BadPrompt(Exception):
    """The prompt cannot be played; `sub_code` as in ACS.md 5.3: 8536 not fetched, 8535 not a sound file."""

    def __init__(self, sub_code: int, message: str) -> None:
        super().__init__(message)
        self.sub_code, self.message = sub_code, message


class Prompt:
    """PCM at 16 kHz, and how long it lasts."""

    def __init__(self, pcm: bytes) -> None:
        self.pcm = pcm
        self.milliseconds = len(pcm) * 1000 // (RATE * 2)

    @classmethod
    async def fetch(cls, url: str, trust: ssl.SSLContext | None = None) -> Self:
        """A WAV (or any sound file) by http or https. Raises BadPrompt."""
        try:
            timeout = aiohttp.ClientTimeout(FETCH_SECONDS)
            async with (
                aiohttp.ClientSession(timeout=timeout) as http,
                http.get(url, ssl=trust if trust is not None else True) as answer,
            ):
                if answer.status != 200:
                    raise BadPrompt(8536, f"Action failed, file could not be downloaded (HTTP {answer.status}).")
                content = await answer.content.read(LARGEST)
                while not answer.content.at_eof() and len(content) < LARGEST:
                    content += await answer.content.read(LARGEST)
        except (aiohttp.ClientError, TimeoutError, ValueError) as wrong:
            why = str(wrong) or type(wrong).__name__
            raise BadPrompt(8536, f"Action failed, file could not be downloaded ({why}).") from None
        try:
            return cls(await asyncio.to_thread(decode, content, RATE, "the prompt"))
        except BadSound:
            raise BadPrompt(8535, "Action failed, file format is invalid.") from None

    @classmethod
    def spoken(cls, text: str) -> Self:
        """A text, as a soft tone as long as it would take to say."""
        count = max(1, len(text)) * MS_A_CHARACTER * RATE // 1000
        tone = 1000 * np.sin(2 * np.pi * TONE_HZ * np.arange(count) / RATE)
        return cls(tone.astype("<i2").tobytes())

    async def play(self, into: LiveVoice | Sequence[LiveVoice], ticker: Ticker, *, loop: bool = False) -> None:
        """In real time, once or for ever; returns when all has been played. Cancelling ends it within 20 ms."""
        voices = [into] if isinstance(into, LiveVoice) else list(into)
        size = frame_bytes(RATE)
        ended = asyncio.get_running_loop().create_future()
        first = ticker.number + 1

        def tick(number: int) -> None:
            at = (number - first) * size
            if loop and self.pcm:
                at %= len(self.pcm)
            if 0 <= at < len(self.pcm):
                for voice in voices:
                    voice.feed(self.pcm[at : at + size], RATE)
            elif at >= len(self.pcm) and not ended.done():
                ended.set_result(None)

        ticker.add(tick, first=True)
        try:
            await ended
        finally:
            ticker.remove(tick)

    @property
    def seconds(self) -> float:
        return -(-self.milliseconds // FRAME_MS) * FRAME_MS / 1000
