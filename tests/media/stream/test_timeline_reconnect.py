"""Two connections of one session, archived in either order."""

from media.stream.items import Item
from media.stream.timeline import Timeline

from .scene import ADA, OLGA, SECOND, SIXTEEN, Outcome, T, frame, play, restamped, shifted, sound, steady

HOUR = 3_600_000


def reconnect(rows: list[Item], *others: Outcome) -> Outcome:
    return play(rows, [1], Timeline.new([other.timeline for other in others]))


def resent(start: int, came: float, count: int = 100) -> list[Item]:
    """Frames from number `start` on that arrive from T + `came` on."""
    return [frame(OLGA, 20 * number, number, came + 20 * (number - start)) for number in range(start, start + count)]


def test_it_drops_what_is_sent_again_after_a_reconnect() -> None:
    first = play([SIXTEEN, *steady(OLGA, 100)])
    second = reconnect(resent(60, 3000), first)
    assert second.audio(OLGA) == b"".join(sound(OLGA, number) for number in range(100, 160))
    assert second.start(OLGA) == 2000
    assert second.tally[OLGA].duplicate == 40


def test_it_drops_it_too_when_the_second_connection_is_archived_first() -> None:
    second = reconnect(resent(60, 3000))
    first = reconnect([SIXTEEN, *steady(OLGA, 100)], second)
    assert second.tally[OLGA].stored == 100
    assert first.audio(OLGA) == b"".join(sound(OLGA, number) for number in range(60))
    assert first.tally[OLGA].duplicate == 40


def test_it_leaves_the_gap_between_connections_to_others() -> None:
    first = play([SIXTEEN, *steady(OLGA, 100)])
    second = reconnect([*steady(OLGA, 100, start=5000, first=100)], first)
    assert (second.start(OLGA), second.holes) == (5000, [])
    assert second.audio(OLGA) == b"".join(sound(OLGA, number) for number in range(100, 200))


def test_it_joins_on_where_the_lead_is_small() -> None:
    first = play([SIXTEEN, *steady(OLGA, 100)])
    assert reconnect([*steady(OLGA, 100, start=2012, first=100)], first).start(OLGA) == 2000
    assert reconnect([*steady(OLGA, 100, start=1300, first=200)], first).start(OLGA) == 2000
    assert reconnect([*steady(OLGA, 100, start=2020, first=101)], first).start(OLGA) == 2020


def test_it_lists_gaps_inside_the_second_connection() -> None:
    first = play([SIXTEEN, *steady(OLGA, 100)])
    rows = steady(OLGA, 100, start=5000, first=100)
    assert reconnect([*rows[:50], *rows[51:]], first).gaps(OLGA) == [(6000, 20, "provider_silent")]


def test_it_takes_over_the_correction_of_the_connection_before() -> None:
    rows = [*steady(OLGA, 100), *shifted(steady(OLGA, 100, start=2000, first=100), -HOUR)]
    first = play([SIXTEEN, *rows])
    second = reconnect([*shifted(steady(OLGA, 100, start=7000, first=200), -HOUR)], first)
    assert second.start(OLGA) == 7000
    assert second.audio(OLGA) == b"".join(sound(OLGA, number) for number in range(200, 300))


def test_it_corrects_a_clock_that_stepped_between_connections() -> None:
    first = play([SIXTEEN, *steady(OLGA, 100)])
    second = reconnect([*shifted(steady(OLGA, 100, start=7000, first=100), -HOUR)], first)
    assert second.start(OLGA) == 7000


def test_it_finds_back_to_the_right_clock_on_the_next_connection() -> None:
    rows = [*steady(OLGA, 100), *shifted(steady(OLGA, 100, start=2000, first=100), -HOUR)]
    first = play([SIXTEEN, *rows])
    second = reconnect([*steady(OLGA, 100, start=7000, first=200)], first)
    assert second.start(OLGA) == 7000


def test_it_goes_by_the_stamps_where_the_connection_before_is_archived_later() -> None:
    second = reconnect([*steady(OLGA, 100, start=5000, first=100), *steady(ADA, 10, start=7000)])
    first = reconnect([SIXTEEN, *steady(OLGA, 100)], second)
    assert (first.start(OLGA), second.start(OLGA), first.holes, second.holes) == (0, 5000, [], [])
    assert first.audio(OLGA) == b"".join(sound(OLGA, number) for number in range(100))


def test_it_takes_a_lane_on_from_another_rate() -> None:
    first = play([SIXTEEN, *steady(OLGA, 100)])
    rows = [frame(OLGA, 2000 + 20 * number, number, size=960) for number in range(100)]
    second = reconnect([restamped(row) for row in rows], first)
    assert (second.runs[0].rate, second.runs[0].position) == (24000, (T // SECOND + 2) * 24000)


def test_it_ignores_a_neighbour_that_never_had_an_item() -> None:
    assert reconnect([SIXTEEN, *steady(OLGA, 10)], play([])).start(OLGA) == 0


def test_it_keeps_its_state_small() -> None:
    lanes = [f"8:acs:resource_{number}" for number in range(4)]
    rows = [restamped(row, lane=lane) for row in steady(OLGA, 300) for lane in lanes]
    first = play([SIXTEEN, *rows])
    assert len(first.timeline.dump()) < 4 * 3000
