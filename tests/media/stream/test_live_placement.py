"""Where live audio lies, told at once: in order, once, on the sender's clock, whatever the stamps do."""

from media.stream.live_placement import Arrived, LivePlacement
from media.stream.packets import AudioData

MS = 1_000_000
NOON = 1_772_366_400_000 * MS
ARRIVED = NOON + 40 * MS
AT_NOON = 1_772_366_400 * 16_000


def tone(number: int) -> bytes:
    return number.to_bytes(2, "little") * 320


def frame(ms: int, number: int, late_ms: int = 0, stamped: bool = True) -> Arrived:
    stamp = NOON + ms * MS if stamped else None
    return AudioData("4:+1", stamp, 3, tone(number), None), ARRIVED + (ms + late_ms) * MS


def test_it_joins_frames_that_follow_each_other() -> None:
    place = LivePlacement()
    assert place.place("4:+1", [frame(20 * n, n) for n in range(5)], 16_000) == [
        (AT_NOON, b"".join(map(tone, range(5))))
    ]
    assert place.place("4:+1", [frame(100, 5)], 16_000) == [(AT_NOON + 1600, tone(5))]


def test_it_puts_frames_in_order_and_drops_what_was_said_twice() -> None:
    frames = [frame(0, 1), frame(40, 3), frame(20, 2), frame(40, 3)]
    assert LivePlacement().place("4:+1", frames, 16_000) == [(AT_NOON, tone(1) + tone(2) + tone(3))]


def test_it_leaves_out_what_is_missing() -> None:
    place = LivePlacement()
    place.place("4:+1", [frame(20 * n, n) for n in range(30)], 16_000)
    assert place.place("4:+1", [frame(620, 1)], 16_000) == [(AT_NOON + 620 * 16, tone(1))]  # steady: 20 ms are missing


def test_it_takes_uneven_stamps_for_even_sound() -> None:
    place = LivePlacement()
    found = place.place("4:+1", [frame(ms, n) for n, ms in enumerate((0, 27, 33, 90, 80))], 16_000)
    assert [position for position, _ in found] == [AT_NOON]
    assert sum(len(pcm) for _, pcm in found) == 5 * 640


def test_it_goes_on_by_arrival_where_stamps_are_absurd_or_missing() -> None:
    place = LivePlacement()
    place.place("4:+1", [frame(20 * n, n) for n in range(5)], 16_000)
    year_one = (AudioData("4:+1", -(2**65), 7, tone(6), None), ARRIVED + 120 * MS)
    leap = (AudioData("4:+1", NOON + 3_600_000 * MS, 3, tone(7), None), ARRIVED + 140 * MS)
    found = place.place("4:+1", [frame(100, 5, stamped=False), year_one, leap], 16_000)
    assert found == [(AT_NOON + 1600, tone(5) + tone(6) + tone(7))]


def test_it_fills_frames_without_data_with_silence() -> None:
    empty = (AudioData("4:+1", NOON, 3, b"", True), ARRIVED)
    assert LivePlacement().place("4:+1", [empty], 24_000) == [(1_772_366_400 * 24_000, bytes(960))]


def test_it_places_lanes_beside_each_other() -> None:
    place = LivePlacement()
    ada = place.place("4:+1", [frame(0, 1)], 16_000)
    late = place.place("4:+2", [frame(60, 2)], 16_000)
    assert [late[0][0] - ada[0][0]] == [960]
