"""What processes tell each other of running calls, as bytes for the channel layer. Pure."""

from uuid import UUID

import msgspec


class Lane(msgspec.Struct, array_like=True, gc=False):
    """A lane's last 100 ms. `level` is −dBFS of its loudest 20 ms, 127 digital zero. `segments` are stretches of PCM
    (s16le) with their positions, in samples since the epoch at `rate`; none where nobody listens."""

    raw_id: str | None
    level: int
    speaking: bool
    rate: int
    segments: list[tuple[int, bytes]] = []


class Tapped(msgspec.Struct, array_like=True, gc=False):
    """What one connection received in one interval. `at`: arrival of its newest frame, ns since the epoch."""

    session: UUID
    connection: UUID
    at: int
    lanes: list[Lane]

    def without_sound(self) -> "Tapped":
        lanes = [Lane(lane.raw_id, lane.level, lane.speaking, lane.rate) for lane in self.lanes]
        return Tapped(self.session, self.connection, self.at, lanes)


class Interest(msgspec.Struct, tag="interest", frozen=True):
    """A process wants the levels of all calls (`watching`), and the sound of these: ids of sessions and connections."""

    channel: str
    watching: bool
    hearing: frozenset[UUID] = frozenset()

    def __bool__(self) -> bool:
        return self.watching or bool(self.hearing)


class Question(msgspec.Struct, tag="question", frozen=True):
    """A process has begun: who is interested says so."""


class Sound(msgspec.Struct, tag="sound"):
    """What was tapped in one interval, for one process."""

    tapped: list[Tapped]


Message = Interest | Question | Sound

encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Message).decode


def part_for(interest: Interest, tapped: list[Tapped]) -> list[Tapped]:
    """Of what was tapped, what that process asked for."""
    found: list[Tapped] = []
    for each in tapped:
        if each.session in interest.hearing or each.connection in interest.hearing:
            found.append(each)
        elif interest.watching:
            found.append(each.without_sound())
    return found
