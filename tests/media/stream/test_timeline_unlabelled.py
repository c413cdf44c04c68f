"""Rule 8: stamps that are missing, metadata that come late, twice or never; and the causes that other items give."""

import msgspec
import pytest

from media.stream.items import Format, Frame, Item, Overload, Unreadable
from media.stream.timeline import Timeline

from .scene import MS, OLGA, OTTO, SECOND, SIXTEEN, T, frame, play, restamped, shifted, sound, steady, together


def spoken(count: int, size: int = 640) -> bytes:
    return b"".join(sound(OLGA, number, size) for number in range(count))


def unstamped(rows: list[Frame]) -> list[Frame]:
    return [restamped(row, stamp=None, digits=0) for row in rows]


def test_it_places_frames_without_stamps_by_their_arrival() -> None:
    outcome = play([SIXTEEN, *unstamped(steady(OLGA, 100)), *unstamped(steady(OLGA, 100, start=5000, first=100))], [30])
    assert outcome.start(OLGA) == 5
    assert outcome.gaps(OLGA) == [(2005, 3000, "provider_silent")]
    assert outcome.tally[OLGA].unstamped == 200


@pytest.mark.parametrize("late", [-60, -15, 0, 14, 30, 90, 400])
def test_it_keeps_the_lane_exact_where_one_stamp_is_missing(late: int) -> None:
    rows = steady(OLGA, 100)
    rows[50] = restamped(rows[50], stamp=None, arrival=rows[50].arrival + late * MS)
    outcome = play(together([SIXTEEN], rows))
    assert sorted(outcome.audio(OLGA)) == sorted(spoken(100))
    assert (outcome.holes, outcome.tally[OLGA].unstamped) == ([], 1)


def test_it_reads_arrivals_on_the_senders_clock() -> None:
    rows = [restamped(row, arrival=row.arrival + 90 * SECOND) for row in steady(OLGA, 200)]
    rows[0] = restamped(rows[0], stamp=None)
    rows[60] = restamped(rows[60], stamp=None)
    outcome = play([restamped_format(SIXTEEN, 90), *rows])
    assert (outcome.audio(OLGA), outcome.start(OLGA), outcome.holes) == (spoken(200), 0, [])


def test_it_keeps_losses_exact_around_a_missing_stamp() -> None:
    rows = steady(OLGA, 100)
    rows[50] = restamped(rows[50], stamp=None)
    outcome = play([SIXTEEN, *rows[:53], *rows[54:]])
    assert outcome.gaps(OLGA) == [(53 * 20, 20, "provider_silent")]


def test_it_goes_on_when_stamps_begin_after_seconds_without() -> None:
    rows = steady(OLGA, 200)
    outcome = play([SIXTEEN, *unstamped(rows[:100]), *shifted(rows[100:], -9_000_000_000)])
    assert (outcome.audio(OLGA), outcome.holes) == (spoken(200), [])


@pytest.mark.parametrize(("size", "rate"), [(640, 16000), (960, 24000), (320, 16000), (500, 16000)])
def test_it_tells_the_rate_from_the_size_of_the_frames(size: int, rate: int) -> None:
    outcome = play([frame(OLGA, 20 * number, number, size=size) for number in range(100)], [2, 3])
    assert {run.rate for run in outcome.runs} == {rate}


def test_it_relabels_what_came_before_the_metadata_of_the_first_second() -> None:
    rows: list[Item] = [frame(OLGA, 20 * number, number, size=320) for number in range(100)]
    rows.insert(40, Format(8000, 320, T + 800 * MS))
    outcome = play(rows, [1, 20])
    assert [(run.rate, run.samples) for run in outcome.runs] == [(8000, 16000)]


def test_it_labels_what_follows_metadata_that_come_later() -> None:
    rows: list[Item] = [frame(OLGA, 20 * number, number, size=640 if number < 100 else 960) for number in range(200)]
    rows.insert(100, Format(24000, 960, T + 2000 * MS))
    outcome = play(rows, [99, 100, 101])
    assert [(run.rate, run.samples) for run in outcome.runs] == [(16000, 32000), (24000, 48000)]
    assert outcome.runs[1].position == (T // SECOND + 2) * 24000
    assert outcome.holes == []


def test_it_takes_metadata_twice() -> None:
    outcome = play([SIXTEEN, *steady(OLGA, 50), SIXTEEN, *steady(OLGA, 50, start=1000, first=50)])
    assert outcome.audio(OLGA) == spoken(100)


def test_it_gives_a_frame_without_data_the_length_that_metadata_name() -> None:
    rows = [restamped(row, pcm=b"") for row in steady(OLGA, 10)]
    assert play([Format(24000, 960, T), *rows]).runs[0].samples == 4800
    assert play(rows).runs[0].samples == 3200
    assert play([Format(16000, 2**40, T), *rows]).runs[0].samples == 3200


def test_it_waits_for_data_before_it_judges_the_rate() -> None:
    empty = [restamped(row, pcm=b"") for row in steady(OLGA, 100)]
    full = [frame(OLGA, 2000 + 20 * number, number, size=960) for number in range(50)]
    assert [run.rate for run in play([*empty, *full], [10, 99, 101]).runs] == [16000, 24000]


def test_it_names_what_could_not_be_read_and_what_was_dropped() -> None:
    rows: list[Item] = list(steady(OLGA, 100))
    rows[60] = Unreadable(T + 1200 * MS)
    rows[80:83] = [Overload(T + 1600 * MS, 3)]
    outcome = play([SIXTEEN, *rows], [61, 62])
    assert outcome.gaps(OLGA) == [(1200, 20, "malformed"), (1600, 60, "overload")]


def test_it_does_not_blame_what_happened_before_the_lanes_last_frame() -> None:
    rows: list[Item] = list(steady(OLGA, 100))
    rows[80:81] = []
    rows.insert(40, Unreadable(T + 800 * MS))
    assert play([SIXTEEN, *rows], [50]).gaps(OLGA) == [(1600, 20, "provider_silent")]


def test_it_takes_nothing_for_an_answer() -> None:
    outcome = play([])
    assert (outcome.runs, outcome.holes, outcome.tally) == ([], [], {})
    assert play([SIXTEEN, Unreadable(T)]).runs == []
    assert play(together([SIXTEEN], steady(OTTO, 1))).runs[0].samples == 320


def restamped_format(row: Format, seconds: int) -> Format:
    return Format(row.rate, row.frame_bytes, row.arrival + seconds * SECOND)


def test_it_reads_the_rate_in_states_that_were_stored_when_it_was_called_pitch() -> None:
    stored = msgspec.msgpack.encode({"consumed": 7, "pitch": {"rate": 24_000, "frame_bytes": 960}})
    timeline = Timeline.load(stored)
    assert (timeline.consumed, timeline.sample_rate.rate, timeline.sample_rate.frame_bytes) == (7, 24_000, 960)
    assert timeline.dump() == Timeline.load(timeline.dump()).dump()
