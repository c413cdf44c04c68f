"""Opens a media socket as ACS does and plays a score at it: handshake headers, metadata first, then per tick of 20 ms
one frame of each lane. Knows no Django."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from media.acs_client.errors import BadAddress, NobodyThere, NotASocket, Refused, StreamLost
from media.acs_client.score import FRAME_MS, FRAME_NS, Score, Sent
from media.stream.speak import acs_audio, acs_metadata

CALL_CONNECTION = "x-ms-call-connection-id"
CORRELATION = "x-ms-call-correlation-id"


async def stream(
    url: str,
    score: Score,
    *,
    speed: float = 1.0,
    headers: Mapping[str, str] | None = None,
    start: int | None = None,
    progress: Callable[[Sent], None] | None = None,
) -> Sent:
    """Plays `score` at the socket `url`, closes it with 1000 and returns what was sent.

    speed: times real time; math.inf: as fast as the server takes it. start: the first stamp (ns since the epoch; now by
    default); stamps step by exactly 20 ms whatever the speed. progress: called after each tick. Raises StreamFailed.
    """
    where = _where(url)
    named = {name.lower(): value for name, value in (headers or {}).items()}
    named = {CALL_CONNECTION: str(uuid.uuid4()), CORRELATION: str(uuid.uuid4()), **named}
    async with _opened(url, where, named) as socket:
        # The wire carries milliseconds; a start between two of them would only be cut there.
        first = (time.time_ns() if start is None else start) // 1_000_000 * 1_000_000
        sent = Sent(first, score.rate, named[CALL_CONNECTION], named[CORRELATION], str(uuid.uuid4()))
        try:
            await socket.send(acs_metadata(sent.subscription_id, score.rate, score.frame_bytes))
            await _play(socket, score, sent, speed, progress)
        except ConnectionClosed as closed:
            raise StreamLost(sent, where, _reason(closed)) from None
        await socket.close(1000)
    return sent


async def _play(
    socket: ClientConnection, score: Score, sent: Sent, speed: float, progress: Callable[[Sent], None] | None
) -> None:
    silence = bytes(score.frame_bytes)
    async for tick in _paced(score.ticks, speed):
        stamp = sent.start + tick * FRAME_NS
        for lane, pcm in score.frames(tick):
            await socket.send(acs_audio(stamp, lane, pcm, pcm == silence))
            sent.frames[lane] = sent.frames.get(lane, 0) + 1
        sent.ticks = tick + 1
        if progress:
            progress(sent)


async def _paced(ticks: int, speed: float) -> AsyncIterator[int]:
    """Tick numbers, each at its own time since the first, so that nothing drifts. After a stall, real time catches up
    at twice the pace and not in a burst."""
    loop = asyncio.get_running_loop()
    interval = FRAME_MS / 1000 / speed
    least = interval / 2 if speed <= 1 else 0.0
    begin = loop.time()
    previous = begin - least
    for tick in range(ticks):
        due = max(begin + tick * interval, previous + least)
        if (wait := due - loop.time()) > 0:
            await asyncio.sleep(wait)
        previous = loop.time()
        yield tick


@asynccontextmanager
async def _opened(url: str, where: str, headers: Mapping[str, str]) -> AsyncIterator[ClientConnection]:
    """The open socket: no sub-protocol, origin, compression or pings of ours, as far as is known of ACS (ACS.md 1)."""
    try:
        socket = await connect(
            url,
            additional_headers=headers,
            user_agent_header=None,
            compression=None,
            ping_interval=None,
            proxy=None,
        )
    except InvalidURI:
        raise BadAddress from None
    except InvalidStatus as refused:
        raise Refused(where, refused.response.status_code) from None
    except InvalidHandshake as wrong:
        raise NotASocket(where=where, why=wrong) from None
    except (OSError, EOFError, ConnectionClosed) as nobody:  # TimeoutError is an OSError
        raise NobodyThere(where=where, why=_plain(nobody)) from None
    listener = asyncio.create_task(_listen(socket))
    try:
        yield socket
    finally:
        await socket.close(1001)  # does nothing where it is closed already
        listener.cancel()


async def _listen(socket: ClientConnection) -> None:
    """Reads what the server says (nobody hears it), so that its pings are answered however much it is."""
    with suppress(ConnectionClosed):
        async for _ in socket:
            pass


def _where(url: str) -> str:
    """The address without path and query: they hold the token."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadAddress from None
    if parts.scheme not in {"ws", "wss"} or not host:
        raise BadAddress
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"


def _reason(closed: ConnectionClosed) -> str:
    if closed.rcvd is None:
        return "the connection broke off"
    return f"closed by the server with {closed.rcvd.code}" + (f", {closed.rcvd.reason}" if closed.rcvd.reason else "")


def _plain(error: BaseException) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "no answer within 10 s"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
