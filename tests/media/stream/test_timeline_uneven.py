"""Stamps that are not even: jitter, whole seconds, drift. No false gaps, true ones found, all near their stamps."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.stream.gap import position_of
from media.stream.items import Frame

from .scene import MS, OLGA, OTTO, SECOND, SIXTEEN, T, frame, play, restamped, sound, steady, together


def spoken(lane: str, numbers: range) -> bytes:
    return b"".join(sound(lane, number) for number in numbers)


def whole_seconds(rows: list[Frame]) -> list[Frame]:
    return [restamped(row, stamp=row.stamp // SECOND * SECOND, digits=0) for row in rows if row.stamp is not None]


def jittery(count: int, jitter: int, dice: random.Random, start: float = 0, first: int = 0) -> list[Frame]:
    rows = steady(OLGA, count, start, first)
    return [restamped(row, stamp=row.stamp + dice.randint(-jitter, jitter) * MS) for row in rows if row.stamp]


@pytest.mark.parametrize("phase", [0, 3, 20, 333, 500, 980, 999])
@pytest.mark.parametrize("last", [0, 1, 7, 30])
def test_it_opens_no_gap_in_whole_second_stamps(phase: int, last: int) -> None:
    rows = whole_seconds(steady(OLGA, 300 + last, start=phase))
    outcome = play([SIXTEEN, *rows], [77, 150])
    assert outcome.audio(OLGA) == spoken(OLGA, range(300 + last))
    assert outcome.holes == []


def test_it_takes_silent_frames_of_one_second_for_no_repeats() -> None:
    rows = [restamped(row, pcm=bytes(640), silent=True) for row in whole_seconds(steady(OLGA, 200))]
    outcome = play([SIXTEEN, *rows])
    assert outcome.tally[OLGA].stored == 200
    assert outcome.runs[0].samples == 200 * 320


@pytest.mark.parametrize("mute", [3_000, 10_500, 60_020])
def test_it_finds_a_mute_in_whole_second_stamps_within_a_second(mute: int) -> None:
    rows = steady(OLGA, 220, start=370) + steady(OLGA, 200, start=370 + 4400 + mute, first=220)
    outcome = play([SIXTEEN, *whole_seconds(rows)])
    assert sum(duration for _, duration, _ in outcome.gaps(OLGA)) == pytest.approx(mute, abs=1000)
    assert outcome.audio(OLGA).replace(bytes(640), b"") == spoken(OLGA, range(420))


def test_it_opens_no_gap_for_a_stall_whose_burst_is_stamped_on_reception() -> None:
    received = [3000 + number / 100 if 100 <= number < 150 else 20 * number for number in range(300)]
    rows = [frame(OLGA, at, number) for number, at in enumerate(received)]
    outcome = play([SIXTEEN, *rows], [101, 120])
    assert (outcome.audio(OLGA), outcome.holes) == (spoken(OLGA, range(300)), [])


def test_it_opens_no_gap_for_a_reception_stamped_burst_of_four_seconds() -> None:
    rows = [frame(OLGA, 6000 if 100 <= number < 300 else 20 * number, number) for number in range(500)]
    outcome = play([SIXTEEN, *rows])
    assert (outcome.audio(OLGA), outcome.holes) == (spoken(OLGA, range(500)), [])


def test_it_opens_no_gap_for_one_delayed_frame() -> None:
    rows = steady(OLGA, 100)
    rows[50] = restamped(rows[50], stamp=T + 1090 * MS)
    outcome = play([SIXTEEN, *rows])
    assert outcome.holes == []
    assert outcome.tally[OLGA].stored == 100


@settings(max_examples=60)
@given(st.integers(0, 10**9), st.integers(1, 10), st.floats(0, 0.3))
def test_it_stays_within_the_threshold_and_the_jitter_of_every_stamp(seed: int, jitter: int, loss: float) -> None:
    dice = random.Random(seed)
    rows = [row for row in jittery(300, jitter, dice) if dice.random() >= loss]
    rows += jittery(200, jitter, dice, start=9_000, first=300)
    outcome = play([SIXTEEN, *rows])
    placed = {}
    for run in outcome.runs:
        for offset in range(0, run.samples, 320):
            placed[run.pcm[2 * offset : 2 * offset + 640]] = run.position + offset
    errors = [placed[row.pcm] - position_of(row.stamp or 0, 16000) for row in rows]
    assert max(errors) <= 16 * 2 * jitter + 1
    assert min(errors) >= -16 * (100 + 2 * jitter) - 1


@settings(max_examples=30)
@given(st.integers(0, 10**9), st.integers(0, 10), st.integers(250, 20_000))
def test_it_finds_a_mute_in_a_jittery_lane(seed: int, jitter: int, mute: int) -> None:
    dice = random.Random(seed)
    rows = jittery(200, jitter, dice) + jittery(200, jitter, dice, start=4000 + mute, first=200)
    gaps = play([SIXTEEN, *rows]).gaps(OLGA)
    assert sum(duration for _, duration, _ in gaps) == pytest.approx(mute, abs=3 * jitter + 0.1)


def test_it_shows_a_fast_clock_as_drift_of_fifteen_milliseconds() -> None:
    rows = [frame(OLGA, 20.02 * number, number) for number in range(3000)]  # 1000 ppm
    gaps = play([SIXTEEN, *rows], [1500]).gaps(OLGA)
    assert {cause for _, _, cause in gaps} == {"drift"}
    assert [round(duration) for _, duration, _ in gaps] == [15, 15, 15, 15]


def test_it_cuts_nothing_of_a_lane_that_runs_behind_and_absorbs_it_in_the_next_gap() -> None:
    slow = [frame(OLGA, 19.98 * number, number) for number in range(3000)]  # 60 ms behind in the end
    rows = [*slow, *steady(OLGA, 100, start=59_940 + 1000, first=3000)]
    outcome = play([SIXTEEN, *rows])
    assert outcome.audio(OLGA).replace(bytes(640), b"")[-640:] == sound(OLGA, 3099)
    assert [(round(begin), round(duration)) for begin, duration, _ in outcome.gaps(OLGA)] == [(60_000, 940)]


def test_it_calls_it_drift_when_a_steady_sender_moves_by_part_of_a_frame() -> None:
    rows = steady(OLGA, 50) + steady(OLGA, 50, start=1033, first=50)
    assert play([SIXTEEN, *rows]).gaps(OLGA) == [(1000, 33, "drift")]


def test_it_lists_a_stretch_of_a_lane_that_others_talked_through_as_not_dominant() -> None:
    others = [steady(name, 200) for name in ("a", "b", "c", "d")]
    rows = together([SIXTEEN], steady(OLGA, 50), steady(OLGA, 50, start=2000, first=50), *others)
    assert play(rows, [400]).gaps(OLGA) == [(1000, 1000, "not_dominant")]
    three = together([SIXTEEN], steady(OLGA, 50), steady(OLGA, 50, start=2000, first=50), *others[:3])
    assert play(three).gaps(OLGA) == [(1000, 1000, "provider_silent")]


def test_it_does_not_blame_speakers_who_had_fallen_silent_before() -> None:
    others = [steady(name, 50) for name in ("a", "b", "c", "d")]
    rows = together([SIXTEEN], steady(OLGA, 50), steady(OLGA, 50, start=2000, first=50), *others)
    assert play(rows).gaps(OLGA) == [(1000, 1000, "provider_silent")]


def test_it_gives_other_lanes_no_gap_for_one_that_is_silent() -> None:
    rows = together([SIXTEEN], steady(OLGA, 300), steady(OTTO, 10))
    assert play(rows).holes == []
