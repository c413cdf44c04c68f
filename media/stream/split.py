"""Cuts a chunk that is much too long (a stream that came faster than real time) into even pieces. Pure."""

from collections.abc import Iterator

from media.stream.chunker import Chunk

Span = tuple[int, int]


def split(chunk: Chunk, length: int) -> Iterator[Chunk]:
    """Pieces of `length` samples; the last may be up to one and a half times as long."""
    start = 0
    while chunk.samples - start > length * 3 // 2:
        yield _piece(chunk, start, start + length)
        start += length
    yield _piece(chunk, start, chunk.samples) if start else chunk


def _piece(chunk: Chunk, start: int, end: int) -> Chunk:
    return Chunk(
        chunk.lane,
        chunk.rate,
        chunk.position + start,
        chunk.pcm[2 * start : 2 * end],
        list(_within(chunk.silent, start, end)),
        list(_within(chunk.holes, start, end)),
    )


def _within(spans: list[Span], start: int, end: int) -> Iterator[Span]:
    """The parts of (offset, samples) spans that lie in a piece, relative to it."""
    for offset, samples in spans:
        first, last = max(offset, start), min(offset + samples, end)
        if last > first:
            yield first - start, last - first
