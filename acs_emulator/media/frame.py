"""One frame of audio on its way to the wire, and the text it becomes. Pure."""

import base64
from dataclasses import dataclass, replace

from acs_emulator.clock import stamp
from acs_emulator.media import messages

FRAME_NS = 20_000_000


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of a lane (None: mixed), received by the service at `at_ns`. pcm None: no data. `faults` names what a
    scenario did to it; damage, pieces and binary are how it goes out."""

    lane: str | None
    at_ns: int
    pcm: bytes | None
    silent: bool
    faults: tuple[str, ...] = ()
    damage: str = ""
    pieces: int = 1
    binary: bool = False

    def hit(self, fault: str) -> "Frame":
        return replace(self, faults=(*self.faults, fault))

    def halves(self) -> tuple["Frame", ...]:
        """Two of 10 ms, the later one stamped so."""
        if not self.pcm:
            return (self,)
        middle = len(self.pcm) // 4 * 2
        return (
            replace(self, pcm=self.pcm[:middle]),
            replace(self, pcm=self.pcm[middle:], at_ns=self.at_ns + FRAME_NS // 2),
        )

    def written(self, digits: int) -> str:
        """The stamp as it stands in the message."""
        return "yesterday, about noon" if self.damage == "stamp" else stamp(self.at_ns, digits)

    def text(self, generation: str, digits: int) -> str:
        pcm = self.pcm[:-1] if self.pcm and self.damage == "odd" else self.pcm
        data = None if pcm is None or self.damage == "nothing" else base64.b64encode(pcm).decode()
        if data and self.damage == "base64":
            data = f"*{data[1:-1]}*"
        whole = messages.audio(generation, self.written(digits), self.lane, data, self.silent)
        return whole[: len(whole) // 2] if self.damage == "json" else whole

    def carried(self) -> bytes | None:
        """The PCM that a reader finds in the message; None where it finds none."""
        if self.pcm is None or self.damage in {"nothing", "json", "base64"}:
            return None
        return self.pcm[:-1] if self.damage == "odd" else self.pcm
