"""Bodies of audio responses: bytes by number, and block by block off the event loop. Knows nothing of headers.

A block is made only when the one before it was sent, so a response that nobody reads costs one block of memory.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import IO

from media.audio.encodings import BLOCK_BYTES, block_frames
from media.audio.playback import Playback
from media.stream.wav import SAMPLE_BYTES, header

# Threads of our own: a storage that hangs must not take those that others wait for.
_READERS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="playback")


class WavBytes:
    """A playback as the bytes of a WAV file, any of which can be had without those before it."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback
        self._header = header(playback.frames, playback.channels, playback.rate)
        self._width = playback.channels * SAMPLE_BYTES
        self.length = len(self._header) + playback.frames * self._width

    def blocks(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to `end`, in blocks. Raises OSError where the storage cannot be reached."""
        head = self._header[start:end]
        first, last = self._frames(start, end)
        skip = max(0, start - len(self._header)) - first * self._width
        left = end - max(start, len(self._header))
        step = block_frames(self._playback)
        for frame in range(first, last, step):
            block = self._playback.read(frame, min(step, last - frame)).astype("<i2", copy=False).tobytes()
            yield head + block[skip : skip + left]
            left -= len(block) - skip
            skip, head = 0, b""
        if head:
            yield head

    def milliseconds(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the session that these bytes let somebody hear."""
        return self._playback.milliseconds(*self._frames(start, end))

    def _frames(self, start: int, end: int) -> tuple[int, int]:
        """The frames that the bytes from `start` to `end` are parts of, the last one excluded."""
        head = len(self._header)
        return max(0, start - head) // self._width, -(-max(0, end - head) // self._width)


def file_blocks(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(BLOCK_BYTES), b"")


class Body:
    """Blocks for a StreamingHttpResponse under ASGI (which collects synchronous iterators into a list).

    The first block is read here and now, so that a storage that is away is an answer, not a broken transfer.
    """

    def __init__(self, blocks: Iterator[bytes], close: Callable[[], None] = lambda: None) -> None:
        first = next(blocks, b"")
        self._blocks, self.close = chain([first], blocks), close

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        block = await asyncio.get_running_loop().run_in_executor(_READERS, next, self._blocks, None)
        if block is None:
            raise StopAsyncIteration
        return block
