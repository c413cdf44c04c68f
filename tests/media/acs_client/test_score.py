"""Lanes cut into frames."""

from media.acs_client import Score

A, B = "4:+15550100001", "8:acs:b"
FRAME, ZEROS = bytes([1, 2]) * 320, bytes(640)


def played(score: Score) -> list[list[str | None]]:
    return [[lane for lane, _ in score.frames(tick)] for tick in range(score.ticks)]


def test_it_fills_the_last_frame_with_zeros() -> None:
    score = Score({None: FRAME + b"\x05\x06"})
    assert [pcm for tick in range(score.ticks) for _, pcm in score.frames(tick)] == [FRAME, b"\x05\x06" + bytes(638)]


def test_it_takes_frames_of_960_bytes_at_24_khz() -> None:
    score = Score({None: bytes(960)}, rate=24_000)
    assert (score.ticks, score.frame_bytes) == (1, 960)


def test_it_stops_a_lane_that_ends_earlier() -> None:
    assert played(Score({A: FRAME * 3, B: FRAME})) == [[A, B], [A], [A]]


def test_it_lets_a_lane_join_later() -> None:
    assert played(Score({A: FRAME * 2, B: FRAME * 2}, joins={B: 40})) == [[A], [A], [B], [B]]


def test_it_keeps_a_lane_in_the_call_between_rounds() -> None:
    score = Score({A: FRAME * 2, B: FRAME}, rounds=2, joins={B: 20})
    assert played(score) == [[A], [A, B], [A, B], [A, B]]
    assert dict(score.frames(2))[B] == ZEROS
    assert played(Score({A: FRAME * 2, B: FRAME}, rounds=2)) == [[A, B], [A, B], [A, B], [A]]


def test_it_has_no_tick_without_audio() -> None:
    assert Score({A: b""}).ticks == 0
    assert Score({}).ticks == 0
