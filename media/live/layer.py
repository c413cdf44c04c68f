"""The channel layer, as far as running calls need it: one control channel for each process, one group for all. The one
file that knows it. What gets lost here is shown late or never, and nothing else."""

import asyncio
import contextlib
import logging
import time

import msgspec
from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from media.live.messages import Message, Question, decode, encode

log = logging.getLogger(__name__)

GROUP = "live"
REJOIN_SECONDS = 3600.0  # memberships expire after a day
RETRY_SECONDS = 1.0
MOST_WAITING = 20  # messages to a layer that is slow; beyond it they are dropped

UNHEARD = "Redis does not answer: levels and sound of calls at other server processes are not current."

Away = (OSError, RedisError, asyncio.TimeoutError)


class Layer:
    """`channel` is "" until `join` has succeeded; `trouble` says for people what is not current, "" while all is."""

    def __init__(self) -> None:
        self.channel = ""
        self.sent = self.dropped = 0
        self._layer = get_channel_layer()
        self._joined = 0.0
        self._out: asyncio.Queue[tuple[str, Message]] = asyncio.Queue(MOST_WAITING)
        self.trouble = ""

    async def join(self) -> None:
        """Gets the process's channel; again from time to time, and after trouble: a Redis that was started anew knows
        nobody. Returns when the layer answers; all processes then say anew what they want."""
        while not self.channel or time.monotonic() - self._joined > REJOIN_SECONDS:
            try:
                channel = self.channel or await self._layer.new_channel("live")
                await self._layer.group_add(GROUP, channel)
                self.channel, self._joined = channel, time.monotonic()
            except Away as error:
                await self._wait(error)
            else:
                self._back()
                self.say("", Question())

    async def receive(self) -> Message:
        """The next message; what cannot be read is passed over (another version of us may have sent it)."""
        while True:
            try:
                event = await self._layer.receive(self.channel)
                message: Message = decode(event["body"])
                return message
            except Away as error:
                await self._wait(error)
                await self.join()
            except (KeyError, msgspec.DecodeError):
                continue

    async def leave(self) -> None:
        """Else the membership expires in a day."""
        if self.channel:
            with contextlib.suppress(*Away):
                await asyncio.wait_for(self._layer.group_discard(GROUP, self.channel), 1)

    def say(self, channel: str, message: Message) -> None:
        """To one process, or with "" to all, soon; dropped while too much waits."""
        try:
            self._out.put_nowait((channel, message))
        except asyncio.QueueFull:
            self.dropped += 1

    async def send_all(self) -> None:
        """Sends what `say` was given, for ever."""
        while True:
            channel, message = await self._out.get()
            event = {"type": "live", "body": encode(message)}
            try:
                if channel:
                    await self._layer.send(channel, event)
                else:
                    await self._layer.group_send(GROUP, event)
                self.sent += 1
            except ChannelFull:
                self.dropped += 1
            except Away as error:
                self.dropped += 1
                await self._wait(error)

    async def _wait(self, error: BaseException) -> None:
        if not self.trouble:
            log.warning("REDIS_URL does not answer: %s. Calls of other processes are not shown live.", error)
        self.trouble, self._joined = UNHEARD, float("-inf")
        await asyncio.sleep(RETRY_SECONDS)

    def _back(self) -> None:
        if self.trouble:
            log.warning("The channel layer works again.")
        self.trouble = ""
