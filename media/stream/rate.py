"""The sample rate of a connection: what its metadata say, or what its frames look like (rule 8).

Knows nothing of stamps or positions.
"""

from collections.abc import Sequence

import msgspec

from media.stream.clock import SECOND, within_second
from media.stream.items import Format, Item

USUAL = 16_000
RATE_OF_BYTES = {640: 16_000, 960: 24_000}
VOTES = 5


class SampleRate(msgspec.Struct):
    """The rate that holds for the next frame; None until metadata or frames with data have decided it."""

    rate: int | None = None
    frame_bytes: int | None = None

    def hear(self, metadata: Format) -> None:
        if metadata.rate > 0:
            self.rate, self.frame_bytes = metadata.rate, metadata.frame_bytes

    def at(self, rows: Sequence[Item], index: int) -> tuple[int, int]:
        """Rate, and samples of a frame without data, for the frame `rows[index]`."""
        if self.rate is None:
            sizes = [len(frame.pcm) for frame in within_second(rows, index) if frame.pcm][:VOTES]
            if not sizes:
                return USUAL, USUAL // 50
            self.rate = RATE_OF_BYTES.get(max(sizes, key=sizes.count), USUAL)
        return self.rate, self.blank(self.rate)

    def blank(self, rate: int) -> int:
        """20 ms, or what the metadata call a frame where that is believable (up to a second)."""
        size = (self.frame_bytes or 0) // 2
        return size if 0 < size <= rate else max(1, rate // 50)


def early_format(rows: Sequence[Item]) -> Format | None:
    """The first metadata of the connection's first second: they label what came before them."""
    for row in rows:
        if row.arrival >= rows[0].arrival + SECOND:
            return None
        if isinstance(row, Format):
            return row
    return None
