"""Even stamps: what ACS sent is what is stored, to the sample, with zeros for exactly what is missing."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.stream.items import Format, Frame, Item

from .scene import ADA, OLGA, OTTO, SIXTEEN, T, frame, play, restamped, sound, steady, together

SILENCE = bytes(640)


def spoken(lane: str | None, numbers: range, lost: set[int] = frozenset()) -> bytes:  # type: ignore[assignment]
    return b"".join(SILENCE if number in lost else sound(lane, number) for number in numbers)


def test_it_keeps_an_even_lane_byte_for_byte() -> None:
    outcome = play([SIXTEEN, *steady(OLGA, 500)])
    assert outcome.audio(OLGA) == spoken(OLGA, range(500))
    assert (outcome.start(OLGA), outcome.holes) == (0, [])


def test_it_counts_positions_in_samples_since_the_epoch() -> None:
    outcome = play([SIXTEEN, *steady(OLGA, 5, start=20)])
    assert outcome.runs[0].position == 1_731_698_172 * 16000 + 320


def test_it_keeps_24_khz_alike() -> None:
    rows: list[Item] = [Format(24000, 960, T), *(frame(OLGA, 20 * number, number, size=960) for number in range(100))]
    outcome = play(rows)
    assert outcome.audio(OLGA) == b"".join(sound(OLGA, number, 960) for number in range(100))
    assert outcome.runs[0].position == 1_731_698_172 * 24000


@pytest.mark.parametrize("lost", [1, 2, 3, 10, 24, 25, 26, 57, 58])
def test_it_places_zeros_for_a_single_lost_frame(lost: int) -> None:
    rows = [row for number, row in enumerate(steady(OLGA, 60)) if number != lost]
    outcome = play([SIXTEEN, *rows])
    assert outcome.audio(OLGA) == spoken(OLGA, range(60), {lost})
    assert outcome.gaps(OLGA) == [(20 * lost, 20, "provider_silent")]


def test_it_places_two_losses_within_five_frames_where_they_were() -> None:
    rows = [row for number, row in enumerate(steady(OLGA, 90)) if number not in (40, 43)]
    assert play([SIXTEEN, *rows]).gaps(OLGA) == [(800, 20, "provider_silent"), (860, 20, "provider_silent")]


def test_it_shows_a_lost_frame_between_the_only_two() -> None:
    assert play([SIXTEEN, frame(OLGA, 0, 0), frame(OLGA, 40, 2)]).gaps(OLGA) == [(20, 20, "provider_silent")]


@settings(max_examples=60)
@given(st.integers(0, 10**9), st.floats(0, 0.6))
def test_it_is_exact_whatever_is_lost_repeated_swapped_or_stalled(seed: int, share: float) -> None:
    dice = random.Random(seed)
    kept = sorted({0, *(number for number in range(150) if dice.random() > share)})
    order = swapped(kept, dice)
    rows: list[Frame] = []
    arrival = 0.0
    for index, number in enumerate(order):
        if dice.random() < 0.03 and set(order[:index]) == set(kept[:index]):
            arrival += dice.choice([300, 900, 2500])  # a stall, then a burst with right stamps
        arrival = max(arrival, 20 * number)
        rows.append(frame(OLGA, 20 * number, number, arrival))
        if dice.random() < 0.05:
            rows.append(frame(OLGA, 20 * number, number, arrival))
    outcome = play([SIXTEEN, *rows], [dice.randrange(len(rows)) for _ in range(3)])
    first = kept[0]
    lost = set(range(first, kept[-1] + 1)) - set(kept)
    assert outcome.audio(OLGA) == spoken(OLGA, range(first, kept[-1] + 1), lost)
    assert sum(duration for _, duration, _ in outcome.gaps(OLGA)) == 20 * len(lost)
    assert outcome.tally[OLGA].duplicate == len(rows) - len(kept)


def swapped(numbers: list[int], dice: random.Random) -> list[int]:
    """Some numbers come up to five places late."""
    out = list(numbers)
    index = 0
    while index + 5 < len(out):
        if dice.random() < 0.05:
            out.insert(index + dice.randrange(1, 6), out.pop(index))
            index += 12
        index += 1
    return out


def test_it_keeps_lanes_apart_that_join_at_different_times() -> None:
    rows = together([SIXTEEN], steady(OLGA, 300), steady(OTTO, 200, start=1234), steady(ADA, 100, start=3001.5))
    outcome = play(rows, [7, 200, 333])
    assert [outcome.start(lane) for lane in (OLGA, OTTO, ADA)] == [0, 1234, 3001.5]
    assert outcome.audio(ADA) == spoken(ADA, range(100))
    assert outcome.holes == []


def test_it_keeps_odd_sizes_as_they_are() -> None:
    sizes = [640, 320, 640, 1280, 1280, 640]
    rows, at = [], 0.0
    for number, size in enumerate(sizes * 10):
        rows.append(frame(OLGA, at, number, size=size))
        at += size / 32
    outcome = play([SIXTEEN, *rows])
    assert outcome.audio(OLGA) == b"".join(sound(OLGA, number, size) for number, size in enumerate(sizes * 10))


def test_it_shows_one_lost_frame_of_ten_milliseconds() -> None:
    rows = [frame(OLGA, 10 * number, number, size=320) for number in range(100) if number != 50]
    assert play([Format(16000, 320, T), *rows]).gaps(OLGA) == [(500, 10, "provider_silent")]


def test_it_goes_on_after_an_hour_of_mute() -> None:
    rows: list[Item] = [SIXTEEN, *steady(OLGA, 100), *steady(OLGA, 100, start=3_602_000, first=100)]
    outcome = play(rows, [50, 101])
    assert outcome.gaps(OLGA) == [(2000, 3_600_000, "provider_silent")]
    assert [run.samples for run in outcome.runs] == [32000, 32000]


def test_it_stores_frames_without_data_as_zeros_of_a_frame() -> None:
    rows = steady(OLGA, 50)
    rows[20] = restamped(rows[20], pcm=b"", silent=True)
    outcome = play([SIXTEEN, *rows])
    assert outcome.audio(OLGA) == spoken(OLGA, range(50), {20})
    assert (outcome.holes, outcome.tally[OLGA].stored, outcome.tally[OLGA].silent) == ([], 50, 1)


def test_it_marks_what_acs_flagged_silent() -> None:
    rows = [restamped(row, silent=20 <= number < 30) for number, row in enumerate(steady(OLGA, 50))]
    rows[40] = restamped(rows[40], silent=None)
    assert play([SIXTEEN, *rows], [25]).runs[0].silent == [(6400, 3200)]
