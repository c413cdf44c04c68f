"""Rule 4: frames that came twice. A repeat has the stamp (as sent) and the bytes of one of the lane's last 50 frames.

Remembers stamps and digests, never sound. A stamp alone is no proof, and where stamps are coarser than a frame neither
are both: two silent frames of one second look the same and are not.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice

from media.stream.items import Frame

MEMORY = 50
Key = tuple[int, int]  # stamp as sent (low 63 bits), digest of the bytes


def digest(pcm: bytes) -> int:
    return int.from_bytes(blake2b(pcm, digest_size=8).digest(), "big")


def low_bits(stamp: int) -> int:
    """The stamp within 63 bits: itself, except for years before 1970 and after 2262."""
    return stamp & (2**63 - 1)


class Sieve:
    """Tells repeats among a lane's frames as they come. Bytes are digested only where a stamp repeats."""

    def __init__(self, recent: Iterable[Key], others: Iterable[Key]) -> None:
        self._stamps: deque[int] = deque(maxlen=MEMORY)
        self._bodies: deque[int | bytes] = deque(maxlen=MEMORY)
        self._others = set(others)
        self._other_stamps = {stamp for stamp, _ in self._others}
        for stamp, body in recent:
            self._stamps.append(stamp)
            self._bodies.append(body)

    def repeats(self, stamp: int, pcm: bytes) -> bool:
        stamp = low_bits(stamp)
        if stamp not in self._stamps and stamp not in self._other_stamps:
            return False
        mark = digest(pcm)
        known = any(body in (mark, pcm) for at, body in zip(self._stamps, self._bodies, strict=True) if at == stamp)
        return known or (stamp, mark) in self._others

    def keep(self, stamp: int, pcm: bytes) -> None:
        self._stamps.append(low_bits(stamp))
        self._bodies.append(pcm)

    def recent(self) -> list[Key]:
        bodies = (digest(body) if isinstance(body, bytes) else body for body in self._bodies)
        return list(zip(self._stamps, bodies, strict=True))


def keys_of(frames: Iterable[Frame]) -> Iterator[Key]:
    for frame in frames:
        if frame.stamp is not None:
            yield low_bits(frame.stamp), digest(frame.pcm)


def first_keys(have: list[Key], frames: Iterable[Frame]) -> list[Key]:
    """`have`, filled up to 50 with the keys of `frames`."""
    return have + list(islice(keys_of(frames), MEMORY - len(have)))
