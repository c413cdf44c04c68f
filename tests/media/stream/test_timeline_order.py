"""Rules 4 and 6: frames that come twice, and frames that come in the wrong order."""

import msgspec
import pytest

from media.stream.errors import ShortSight
from media.stream.items import Frame, Item
from media.stream.timeline import Timeline

from .scene import MS, OLGA, OTTO, SECOND, SIXTEEN, T, frame, play, restamped, sound, steady, together


def numbers(audio: bytes, count: int) -> list[int]:
    """Which of OLGA's first `count` frames lie where; -1 for zeros."""
    known = {sound(OLGA, number): number for number in range(count)}
    return [known.get(audio[at : at + 640], -1) for at in range(0, len(audio), 640)]


def arriving(order: list[int]) -> list[Item]:
    """Frames stamped by their number that arrive in `order`, one every 20 ms."""
    return [SIXTEEN, *(frame(OLGA, 20 * number, number, 20 * place) for place, number in enumerate(order))]


@pytest.mark.parametrize("behind", [1, 2, 3, 4, 5])
def test_it_moves_a_frame_ahead_of_up_to_five_others(behind: int) -> None:
    order = [*range(10), *range(11, 11 + behind), 10, *range(11 + behind, 60)]
    outcome = play(arriving(order), [12])
    assert numbers(outcome.audio(OLGA), 60) == list(range(60))
    assert outcome.tally[OLGA].late == 0


def test_it_leaves_a_frame_that_is_six_too_late_where_it_came_and_counts_it() -> None:
    order = [*range(10), *range(11, 17), 10, *range(17, 60)]
    outcome = play(arriving(order), [12, 16, 17])
    assert numbers(outcome.audio(OLGA), 60) == order
    assert (outcome.tally[OLGA].late, outcome.tally[OLGA].stored) == (1, 60)


def test_it_keeps_a_frame_that_is_three_seconds_late() -> None:
    order = [*range(10), *range(11, 161), 10, *range(161, 200)]
    outcome = play(arriving(order))
    assert sorted(numbers(outcome.audio(OLGA), 200)) == [-1, *range(200)]
    assert outcome.tally[OLGA].late == 1


def test_it_sorts_a_frame_that_comes_early() -> None:
    order = [0, 1, 2, 3, 12, *range(4, 12), *range(13, 40)]
    outcome = play(arriving(order), [3, 5, 9])
    assert numbers(outcome.audio(OLGA), 40) == list(range(40))


def stalling(order: list[int], after: int, seconds: float) -> list[Item]:
    """As `arriving`; nothing comes for `seconds` after the frame `after`, then all that waited at once."""
    rows, since = arriving(order), T + round(20 * order.index(after) * MS)
    until = since + round(seconds * SECOND)
    return [msgspec.structs.replace(row, arrival=until) if since < row.arrival < until else row for row in rows]


OVERTAKEN = [*range(50), 51, 50, *range(52, 200)]


@pytest.mark.parametrize("seconds", [0.5, 0.9, 1.5, 2, 2.4])
def test_it_moves_a_frame_ahead_of_one_that_a_stall_parts_it_from(seconds: float) -> None:
    rows = stalling(OVERTAKEN, 51, seconds)
    for cuts in ([], [52], [53], [54], [40, 52, 53], range(len(rows))):
        outcome = play(rows, cuts)
        assert numbers(outcome.audio(OLGA), 200) == list(range(200))
        assert (outcome.tally[OLGA].late, outcome.holes) == (0, [])


def test_it_waits_no_longer_than_two_and_a_half_seconds() -> None:
    for cuts in ([], [53], [54]):
        outcome = play(stalling(OVERTAKEN, 51, 2.6), cuts)
        assert outcome.tally[OLGA].late == 1
        assert outcome.gaps(OLGA) == [(1000, 20, "provider_silent")]


@pytest.mark.parametrize("missing", [1, 2, 5])
def test_it_moves_frames_ahead_of_one_after_which_the_speaker_pauses_while_others_speak(missing: int) -> None:
    """ACS leaves silence out: 250 would be due two seconds later."""
    overtaken = [frame(OLGA, 20 * number, number, 2000 + number) for number in range(50, 50 + missing)]
    early = frame(OLGA, 20 * (50 + missing), 50 + missing, 1020)
    later = steady(OLGA, 20, 3000, 60)
    rows = together([SIXTEEN], steady(OLGA, 50), [early], overtaken, later, steady(OTTO, 200))
    for cuts in ([], [105], [150], range(len(rows))):
        outcome = play(rows, cuts)
        assert numbers(outcome.audio(OLGA), 80)[: 51 + missing] == list(range(51 + missing))
        assert outcome.tally[OLGA].late == 0


def placed_at_a_pause(spoken: list[Frame], ahead: int) -> int:
    """How many of OLGA's frames a batch stores that is cut after her last while OTTO speaks on for `ahead` seconds."""
    own = together([SIXTEEN], spoken, steady(OTTO, 105))
    placement = Timeline.new().place(own, steady(OTTO, 50 * ahead, 2100, 105), far=False)
    return placement.tally[OLGA].stored


def test_it_looks_no_further_than_a_second_where_no_frame_can_be_filled_in() -> None:
    """Or each pause would hold the archive up."""
    pause = steady(OLGA, 100)
    lost = [row for number, row in enumerate(pause) if number != 80]
    long = [row for number, row in enumerate(pause) if not 80 <= number < 98]
    for spoken in (pause, lost, long):
        assert placed_at_a_pause(spoken, ahead=1) == len(spoken)
    doubtful = [row for number, row in enumerate(pause) if number != 97]
    with pytest.raises(ShortSight):
        placed_at_a_pause(doubtful, ahead=1)
    assert placed_at_a_pause(doubtful, ahead=3) == 99


def test_it_begins_with_the_earliest_of_the_first_frames() -> None:
    outcome = play(arriving([2, 0, 1, 3, 4, 5]))
    assert (outcome.start(OLGA), numbers(outcome.audio(OLGA), 6)) == (0, [0, 1, 2, 3, 4, 5])


def test_it_keeps_the_place_of_a_frame_whose_stamp_is_three_seconds_ahead() -> None:
    rows = steady(OLGA, 200)
    rows[50] = restamped(rows[50], stamp=T + 4 * SECOND)
    outcome = play([SIXTEEN, *rows])
    assert numbers(outcome.audio(OLGA), 200) == list(range(200))
    assert (outcome.tally[OLGA].late, outcome.holes) == (0, [])


def test_it_drops_a_frame_that_comes_twice_and_counts_it() -> None:
    rows = steady(OLGA, 100)
    twice = [*rows[:60], *rows[20:60], *rows[60:]]
    outcome = play([SIXTEEN, *twice], [61, 70, 80])
    assert numbers(outcome.audio(OLGA), 100) == list(range(100))
    tally = outcome.tally[OLGA]
    assert (tally.received, tally.stored, tally.duplicate, tally.duplicate_samples) == (140, 100, 40, 40 * 320)


def test_it_keeps_the_same_stamp_with_other_bytes() -> None:
    rows = steady(OLGA, 30)
    rows.insert(11, restamped(rows[10], pcm=sound(OTTO, 1)))
    assert play([SIXTEEN, *rows]).tally[OLGA].stored == 31


def test_it_keeps_the_same_bytes_with_other_stamps() -> None:
    rows = [restamped(row, pcm=bytes(640)) for row in steady(OLGA, 60)]
    assert play([SIXTEEN, *rows]).tally[OLGA].stored == 60


def test_it_keeps_repeats_where_stamps_are_coarser_than_a_frame() -> None:
    rows = [restamped(row, stamp=row.stamp // (100 * MS) * 100 * MS, digits=1) for row in steady(OLGA, 40) if row.stamp]
    rows.insert(10, rows[9])
    assert play([SIXTEEN, *rows]).tally[OLGA].stored == 41


def test_it_knows_the_resolution_though_the_first_stamp_ends_in_zeros() -> None:
    rows = steady(OLGA, 40)
    rows[0] = restamped(rows[0], digits=0)
    rows.insert(1, rows[0])
    assert play([SIXTEEN, *rows], [2]).tally[OLGA].duplicate == 1


def test_it_forgets_after_fifty_frames() -> None:
    rows = steady(OLGA, 120)
    rows.insert(100, rows[10])
    tally = play([SIXTEEN, *rows]).tally[OLGA]
    assert (tally.duplicate, tally.late, tally.stored) == (0, 1, 121)
