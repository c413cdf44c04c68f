"""Joining a running call from a browser: its microphone becomes a participant's voice, and it hears everybody else. The
socket carries s16le mono both ways, nothing else; 20 ms a message from here. Knows no pages."""

import asyncio

from aiohttp import WSMsgType, web

from acs_emulator.media.hearing import mixed, said
from acs_emulator.media.seams import StreamedCall
from acs_emulator.media.sounds import frame_bytes
from acs_emulator.media.voice import RATES, LiveVoice
from acs_emulator.ticker import Ticker

# What a listener who cannot follow loses is old sound: half a second may wait.
WAITING_FRAMES = 25


async def converse(
    socket: web.WebSocketResponse, call: StreamedCall, microphone: LiveVoice, ticker: Ticker, rate: int = 16_000
) -> None:
    """Until the browser leaves. `socket` is prepared already; `microphone` is the voice of this participant's Talker,
    whom the listener does not hear."""
    if rate not in RATES:
        raise ValueError(f"rate is {rate}: join with 16000 or 24000")
    waiting: asyncio.Queue[bytes] = asyncio.Queue(WAITING_FRAMES)

    def tick(number: int) -> None:
        if waiting.full():
            waiting.get_nowait()
        waiting.put_nowait(others(call, microphone, number, rate))

    ticker.add(tick)
    sending = asyncio.create_task(_send(socket, waiting))
    try:
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                microphone.feed(message.data, rate)
    finally:
        ticker.remove(tick)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


def others(call: StreamedCall, own: LiveVoice, tick: int, rate: int) -> bytes:
    """The call's mix without one voice: its talkers, and what the application says."""
    heard = [said(talker, tick, rate) for talker in call.talkers() if talker.voice is not own]
    frames = [pcm for pcm in heard if pcm]
    if call.application:
        frames.append(call.application.frame(tick, rate))
    return mixed(frames, rate) if frames else bytes(frame_bytes(rate))


async def _send(socket: web.WebSocketResponse, waiting: asyncio.Queue[bytes]) -> None:
    while True:
        await socket.send_bytes(await waiting.get())
