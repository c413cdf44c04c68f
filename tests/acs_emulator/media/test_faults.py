"""What a scenario does to a stream, without a wire."""

import random

from acs_emulator.media.faults import Faults
from acs_emulator.scenario import parse_fault


def test_a_jump_that_chance_lets_pass_does_not_come_back() -> None:
    strikes = Faults([parse_fault({"do": "clock_jump", "by": "1h", "for": "40ms", "chance": 0})], random.Random(1))
    for tick in range(5):
        assert not strikes.begins(tick)
    assert strikes.stamps_off_ns == 0
