"""Pieces to store: short holes are zeros inside, long ones and changes of rate begin a new piece."""

from media.stream.chunker import Chunk, cut
from media.stream.items import Format, Hole, Placement, Run

from .scene import OLGA, OTTO, SIXTEEN, T, frame, play, sound, steady


def placed(*runs: Run) -> Placement:
    return Placement(list(runs), [], {})


def tone(position: int, samples: int, lane: str = OLGA, rate: int = 16000, **more: list[tuple[int, int]]) -> Run:
    return Run(lane, rate, position, b"\1\2" * samples, **more)


def test_it_keeps_a_run_as_one_chunk() -> None:
    [chunk] = cut(placed(tone(1000, 320, silent=[(0, 160)])))
    assert chunk == Chunk(OLGA, 16000, 1000, b"\1\2" * 320, [(0, 160)], [])
    assert (chunk.samples, chunk.end) == (320, 1320)


def test_it_fills_a_hole_of_two_seconds_with_zeros_and_names_it() -> None:
    [chunk] = cut(placed(tone(0, 320, silent=[(160, 160)]), tone(320 + 32000, 320, silent=[(0, 320)])))
    assert chunk.pcm == b"\1\2" * 320 + bytes(64000) + b"\1\2" * 320
    assert chunk.holes == [(320, 32000)]
    assert chunk.silent == [(160, 160), (32320, 320)]


def test_it_begins_a_new_chunk_after_a_longer_hole() -> None:
    chunks = cut(placed(tone(0, 320), tone(320 + 32001, 320)))
    assert [(chunk.position, chunk.samples, chunk.holes) for chunk in chunks] == [(0, 320, []), (32321, 320, [])]


def test_it_begins_a_new_chunk_at_another_rate() -> None:
    chunks = cut(placed(tone(0, 320), tone(480, 480, rate=24000)))
    assert [(chunk.rate, chunk.position) for chunk in chunks] == [(16000, 0), (24000, 480)]


def test_it_keeps_lanes_apart() -> None:
    chunks = cut(placed(tone(0, 320), tone(0, 320, lane=OTTO), tone(400, 320)))
    assert [(chunk.lane, chunk.samples) for chunk in chunks] == [(OLGA, 720), (OTTO, 320)]


def test_it_makes_nothing_of_nothing() -> None:
    assert cut(Placement([], [Hole(OLGA, 16000, 0, 320, "overload")], {})) == []


def test_it_adds_up_with_the_gaps_of_a_placement() -> None:
    rows = [row for number, row in enumerate(steady(OLGA, 600)) if number not in range(100, 250) and number % 7]
    rows += [frame(OLGA, 12_000 + 20 * number, 600 + number, size=960) for number in range(10)]
    outcome = play([SIXTEEN, *rows[:-10], Format(24000, 960, T + 12_000_000_000), *rows[-10:]])
    chunks = cut(Placement(outcome.runs, outcome.holes, outcome.tally))
    assert [(chunk.rate, chunk.samples) for chunk in chunks] == [(16000, 99 * 320), (16000, 350 * 320), (24000, 4800)]
    zeros = sum(samples for chunk in chunks for _, samples in chunk.holes)
    stored = sum(chunk.samples for chunk in chunks if chunk.rate == 16000) - zeros
    assert stored == 320 * (len(rows) - 10)
    assert chunks[0].pcm[: 640 * 6] == b"".join(sound(OLGA, number) for number in range(1, 7))
