"""What holds whatever comes: nothing lost or doubled, never backwards, and cuts leave no trace."""

import itertools
import random
from collections.abc import Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from media.stream.items import Format, Frame, Item, Lane, Overload, Unreadable
from media.stream.strip import Strip
from media.stream.timeline import Timeline

from .scene import ADA, MS, OLGA, OTTO, SECOND, Outcome, T, play, sound

MANY = settings(max_examples=40, deadline=None)
SEED = st.integers(0, 10**9)


class Sender:
    """Makes up a connection: lanes, losses, repeats, bursts, odd stamps, clock steps. One seed, one connection.

    `wildness` from 0 (nothing is ever wrong but jitter and resolution) to 1.
    """

    def __init__(self, seed: int, wildness: float = 1) -> None:
        self.dice = random.Random(seed)
        self.wildness = wildness
        self.rows: list[Item] = []
        self.now = self.arrival = self.stalled = T
        self.step = 0
        self.digits = self.dice.choice([7, 7, 3, 3, 2, 0])
        self.jitter = self.dice.choice([0, 0, 0, 1, 2, 10, 30]) * MS
        self.lanes: list[Lane] = self.dice.choice([[None], [OLGA], [OLGA, OTTO], [OLGA, OTTO, ADA, "a", "b", "c"]])
        self.size = self.dice.choice([640, 640, 640, 960, 320, 1280])
        self.held: dict[Lane, tuple[int, Frame]] = {}  # in front of how many frames
        self.quiet: dict[Lane, int] = {}  # until which tick

    def connection(self, ticks: int) -> list[Item]:
        for tick in range(ticks):
            self.now = T + tick * 20 * MS
            if self.chance(0.01):
                self.stalled = self.now + self.dice.randrange(3000) * MS
            self.arrival = max(self.arrival, self.now, self.stalled)
            self.happen()
            for lane in self.lanes:
                if not self.chance(0.05) and tick >= self.quiet.get(lane, 0):
                    self.send(lane, tick)
        return self.rows

    def chance(self, share: float) -> bool:
        return self.dice.random() < share * self.wildness

    def happen(self) -> None:
        if self.chance(0.005):
            self.step += self.dice.choice([-3600, -8, 3, 25_000]) * SECOND
        if self.chance(0.01):
            trouble: list[Item] = [Unreadable(self.arrival), Overload(self.arrival, 3)]
            self.rows.append(self.dice.choice(trouble))
        if self.chance(0.003):
            self.rows.append(Format(self.dice.choice([16000, 24000]), self.dice.choice([640, None]), self.arrival))

    def send(self, lane: Lane, tick: int) -> None:
        size = self.dice.choice([0, 640, 1280, 320]) if self.chance(0.01) else self.size
        pcm = bytes(size) if self.chance(0.1) else sound(lane, tick, size)
        frame = Frame(lane, self.stamp(), self.digits, self.arrival, pcm, self.dice.choice([None, False, True]))
        if self.chance(0.02) and lane not in self.held:
            self.held[lane] = self.dice.randint(1, 7), frame
            return
        back = self.dice.randrange(9) if self.chance(0.03) else 0
        self.rows.insert(max(0, len(self.rows) - back), frame)
        if self.chance(0.02):
            self.rows.append(frame)
        self.let_go(lane, tick)

    def let_go(self, lane: Lane, tick: int) -> None:
        """A frame that is overtaken; while it is, the stream may stall, or the speaker pause."""
        if lane in self.held:
            count, frame = self.held.pop(lane)
            if count:
                self.held[lane] = count - 1, frame
            else:
                self.rows.append(msgspec.structs.replace(frame, arrival=self.arrival))
            if self.chance(0.1):
                self.stalled = self.now + self.dice.randrange(3000) * MS
            if self.chance(0.1):
                self.quiet[lane] = tick + self.dice.randrange(150)

    def stamp(self) -> int | None:
        if self.chance(0.02):
            wrong: list[int | None] = [None, -62_135_596_800 * SECOND, self.now + 10 * SECOND, self.now - 3 * SECOND]
            return self.dice.choice(wrong)
        unit = SECOND // int(10**self.digits)
        return (self.now + self.step + self.dice.randint(-self.jitter, self.jitter)) // unit * unit


def sent(seed: int, ticks: int = 100, wildness: float = 1) -> list[Item]:
    """The items of a connection; arrivals never go back."""
    rows: list[Item] = []
    newest = 0
    for row in Sender(seed, wildness).connection(ticks):
        newest = max(newest, row.arrival)
        rows.append(msgspec.structs.replace(row, arrival=newest))
    return rows


def lanes_of(rows: list[Item]) -> set[Lane]:
    return {row.lane for row in rows if isinstance(row, Frame)}


def same(one: Outcome, other: Outcome, lanes: set[Lane]) -> bool:
    return (
        all(
            [run for run in one.runs if run.lane == lane] == [run for run in other.runs if run.lane == lane]
            for lane in lanes
        )
        and all(one.gaps(lane) == other.gaps(lane) for lane in lanes)
        and one.tally == other.tally
        and msgspec.to_builtins(one.timeline) == msgspec.to_builtins(other.timeline)
    )


class Careful(Timeline):
    """Takes no short way."""

    def _place_plain(self, rows: Sequence[Item], cut: int, seen: int | None) -> list[Strip] | None:
        return None


@MANY
@given(SEED, st.data())
def test_it_gives_the_same_wherever_it_is_cut(seed: int, data: st.DataObject) -> None:
    rows = sent(seed)
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=12))
    assert same(play(rows), play(rows, cuts), lanes_of(rows))


@settings(max_examples=8, deadline=None)
@given(SEED)
def test_it_gives_the_same_when_every_item_is_a_batch(seed: int) -> None:
    rows = sent(seed, ticks=40)
    assert same(play(rows), play(rows, range(len(rows))), lanes_of(rows))


@MANY
@given(SEED, st.sampled_from([0, 0.01, 0.1, 0.3]), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_it_gives_the_same_on_the_short_way(seed: int, wildness: float, cuts: list[int]) -> None:
    rows = sent(seed, 200, wildness)
    cuts = [cut % len(rows) for cut in cuts]
    assert same(play(rows, cuts), play(rows, cuts, Careful()), lanes_of(rows))


@MANY
@given(SEED)
def test_it_loses_and_doubles_no_frame(seed: int) -> None:
    rows = sent(seed)
    outcome = play(rows, [len(rows) // 2])
    for lane in lanes_of(rows):
        frames = [row for row in rows if isinstance(row, Frame) and row.lane == lane]
        tally = outcome.tally[lane]
        assert tally.received == len(frames) == tally.stored + tally.duplicate
        bodies = {body: sum(frame.pcm == body for frame in frames) for body in {frame.pcm for frame in frames}}
        stored = b"".join(run.pcm for run in outcome.runs if run.lane == lane)
        for body, count in bodies.items():
            if any(body):
                assert 1 <= stored.count(body) <= count


@MANY
@given(SEED)
def test_it_never_goes_back_and_accounts_for_every_sample(seed: int) -> None:
    rows = sent(seed)
    outcome = play(rows, [len(rows) // 3])
    for lane in lanes_of(rows):
        runs = [run for run in outcome.runs if run.lane == lane]
        holes = {(hole.rate, hole.position): hole.samples for hole in outcome.holes if hole.lane == lane}
        for run, following in itertools.pairwise(runs):
            end = -(-(run.position + run.samples) * following.rate // run.rate)
            assert following.position == end + holes.pop((following.rate, end), 0)
        assert holes == {}
