"""Rule 5: the sender's clock steps, or a stamp is wrong. One correction for all lanes, and nobody else moves."""

import pytest

from media.stream.items import Frame, Item
from media.stream.timeline import Timeline

from .scene import ADA, MS, OLGA, OTTO, SECOND, SIXTEEN, T, frame, play, restamped, shifted, sound, steady, together

HOUR = 3_600_000
YEAR_ONE = -62_135_596_800 * SECOND


def spoken(lane: str, count: int) -> bytes:
    return b"".join(sound(lane, number) for number in range(count))


def two_lanes(count: int) -> list[Frame]:
    return [row for row in together(steady(OLGA, count), steady(OTTO, count)) if isinstance(row, Frame)]


@pytest.mark.parametrize("step", [-HOUR, -6_000, 7 * HOUR, 24 * 365 * HOUR, -24 * 365 * HOUR])
def test_it_goes_on_without_a_gap_when_the_clock_steps(step: float) -> None:
    rows = two_lanes(400)
    outcome = play([SIXTEEN, *rows[:300], *shifted(rows[300:], step)], [299, 301, 500])
    assert outcome.audio(OLGA) == spoken(OLGA, 400)
    assert outcome.audio(OTTO) == spoken(OTTO, 400)
    assert outcome.holes == []


def test_it_places_a_lane_that_joins_after_a_clock_step() -> None:
    before, after = steady(OLGA, 200), shifted(steady(OLGA, 200, start=4000, first=200), -HOUR)
    ada = shifted(steady(ADA, 50, start=5010), -HOUR)
    outcome = play(together([SIXTEEN], before, after, ada))
    assert outcome.audio(OLGA) == spoken(OLGA, 400)
    assert outcome.start(ADA) == 5010


def test_it_places_a_lane_whose_first_frame_is_the_step() -> None:
    ada = shifted(steady(ADA, 50, start=2003), -HOUR)
    olga = steady(OLGA, 101) + shifted(steady(OLGA, 100, start=2020, first=101), -HOUR)
    outcome = play(together([SIXTEEN], olga, ada))
    assert outcome.audio(OLGA) == spoken(OLGA, 201)
    assert outcome.start(ADA) == 2003


@pytest.mark.parametrize("step", [-HOUR, 7 * HOUR])
def test_it_finds_back_when_the_clock_steps_and_returns(step: float) -> None:
    rows = two_lanes(600)
    outcome = play([SIXTEEN, *rows[:300], *shifted(rows[300:700], step), *rows[700:]])
    assert outcome.audio(OLGA) == spoken(OLGA, 600)
    assert outcome.audio(OTTO) == spoken(OTTO, 600)
    assert outcome.holes == []


@pytest.mark.parametrize("wrong", [-HOUR, 7 * HOUR, 10_000, HOUR, -10_000, (YEAR_ONE - T) / MS])
@pytest.mark.parametrize("at", [0, 1, 2, 30, 199, 202])
def test_it_leaves_everything_in_place_when_one_stamp_is_wrong(wrong: float, at: int) -> None:
    rows = two_lanes(150)
    rows[at] = shifted([rows[at]], wrong)[0]
    outcome = play([SIXTEEN, *rows], [at, at + 1, at + 2])
    assert outcome.audio(OLGA) == spoken(OLGA, 150)
    assert outcome.audio(OTTO) == spoken(OTTO, 150)
    assert outcome.holes == []


def test_it_carries_lanes_whose_clocks_are_an_hour_apart() -> None:
    rows = together([SIXTEEN], steady(OLGA, 300), shifted(steady(OTTO, 300, start=7), -HOUR))
    outcome = play(rows, [100, 301])
    assert (outcome.audio(OLGA), outcome.audio(OTTO)) == (spoken(OLGA, 300), spoken(OTTO, 300))
    assert outcome.start(OTTO) == pytest.approx(7, abs=20)
    assert outcome.holes == []


def test_it_takes_a_lane_that_stalled_for_eight_seconds_for_no_jump() -> None:
    otto = steady(OTTO, 600)
    burst = [restamped(row, arrival=T + 10_000 * MS) if 100 <= number < 500 else row for number, row in enumerate(otto)]
    outcome = play(together([SIXTEEN], steady(OLGA, 600), burst))
    assert (outcome.audio(OLGA), outcome.audio(OTTO)) == (spoken(OLGA, 600), spoken(OTTO, 600))
    assert outcome.start(OTTO) == 0


def test_it_names_the_jump_where_time_is_missing_at_it() -> None:
    rows = steady(OLGA, 100) + shifted(steady(OLGA, 100, start=2500, first=100), -HOUR)
    assert play([SIXTEEN, *rows]).gaps(OLGA) == [(2000, 500, "clock_jump")]


def test_it_starts_at_the_arrival_when_the_clock_begins_in_year_one() -> None:
    rows = [restamped(row, stamp=YEAR_ONE + 20 * MS * number) for number, row in enumerate(steady(OLGA, 300))]
    outcome = play([SIXTEEN, *rows], [1, 100])
    assert outcome.audio(OLGA) == spoken(OLGA, 300)
    assert outcome.start(OLGA) == 5


def test_it_keeps_the_right_clock_when_only_the_first_stamps_are_of_year_one() -> None:
    rows = steady(OLGA, 300)
    wrong = [restamped(row, stamp=YEAR_ONE) for row in rows[:2]]
    outcome = play([SIXTEEN, *wrong, *rows[2:]])
    assert outcome.audio(OLGA)[-640:] == sound(OLGA, 299)
    assert outcome.runs[-1].position + outcome.runs[-1].samples == T * 16000 // SECOND + 300 * 320
    assert outcome.tally[OLGA].stored == 300


def test_it_survives_a_clock_that_counts_from_1970_and_is_then_set() -> None:
    rows = steady(OLGA, 400)
    up = [restamped(row, stamp=90 * SECOND + 20 * MS * number) for number, row in enumerate(rows[:200])]
    outcome = play([SIXTEEN, *up, *rows[200:]])
    assert outcome.audio(OLGA) == spoken(OLGA, 400)
    assert outcome.holes == []


def test_it_never_takes_drift_for_a_jump() -> None:
    rows = [frame(OLGA, 20 * number, number, size=1280) for number in range(400)]  # 40 ms of sound every 20 ms
    outcome = play([SIXTEEN, *rows, *steady(OTTO, 50, start=8000)])
    assert outcome.timeline.clock.correction == 0
    assert outcome.start(OTTO) == 8000
    assert len(outcome.audio(OLGA)) == 400 * 1280


def test_it_remembers_the_correction_in_its_state() -> None:
    rows: list[Item] = [SIXTEEN, *steady(OLGA, 60), *shifted(steady(OLGA, 60, start=1200, first=60), -HOUR)]
    timeline = Timeline.load(play(rows).timeline.dump())
    assert timeline.clock.correction == HOUR * MS
