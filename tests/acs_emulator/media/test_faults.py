"""What a scenario does to a stream, without a wire."""

import random
from itertools import pairwise

from acs_emulator.media.faults import Faults
from acs_emulator.media.frame import Frame
from acs_emulator.scenario import parse_fault


def test_a_jump_that_chance_lets_pass_does_not_come_back() -> None:
    strikes = Faults([parse_fault({"do": "clock_jump", "by": "1h", "for": "40ms", "chance": 0})], random.Random(1))
    for tick in range(5):
        assert not strikes.begins(tick)
    assert strikes.stamps_off_ns == 0


def test_only_neighbours_change_places_where_chance_decides() -> None:
    strikes = Faults([parse_fault({"do": "reorder", "for": "10s", "chance": 0.1})], random.Random(1))
    sent = [
        frame.at_ns for tick in range(500) for frame in strikes.weather([Frame("a", tick, None, silent=False)], tick)
    ]
    assert sorted(sent) == list(range(500))
    steps = [later - earlier for earlier, later in pairwise(sent)]
    assert set(steps) == {1, 2, 3, -1}
    assert 20 < steps.count(-1) < 80


def test_a_frame_without_a_neighbour_keeps_its_place() -> None:
    strikes = Faults([parse_fault({"do": "reorder", "for": "10s"})], random.Random(1))
    spoken = [tick for tick in range(100) if tick % 10 < 3]
    went = {
        tick: [
            frame.at_ns
            for frame in strikes.weather([Frame("a", tick, None, silent=False)] if tick in spoken else [], tick)
        ]
        for tick in range(100)
    }
    assert [went[tick] for tick in range(4)] == [[], [1, 0], [], [2]]
    assert [at for sent in went.values() for at in sent] == [at for a in range(0, 100, 10) for at in (a + 1, a, a + 2)]
