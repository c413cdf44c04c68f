"""Who talks when, from levels alone: people with literal levels, and the figures that follow from them."""

import pytest

from media.stream.talk import Piece, Talk, talk

LOUD, QUIET = 20, 90  # −20 dBFS is speech, −90 is not


def levels(*stretches: tuple[float, int]) -> bytes:
    """(seconds, level) one after the other."""
    return b"".join(bytes([level]) * round(seconds * 50) for seconds, level in stretches)


def lane(*stretches: tuple[float, int]) -> list[Piece]:
    return [Piece(0, levels(*stretches))]


def of(*lanes: list[Piece], seconds: float = 10) -> Talk:
    return talk(lanes, round(seconds * 1000))


def test_it_shares_the_talk_by_what_each_spoke() -> None:
    found = of(lane((3, LOUD), (7, QUIET)), lane((5, QUIET), (1, LOUD), (4, QUIET)))
    assert [spoken.speech_ms for spoken in found.lanes] == [3000, 1000]
    assert [spoken.share for spoken in found.lanes] == [0.75, 0.25]
    assert (found.overlap_ms, found.silence_ms) == (0, 6000)


def test_a_breath_does_not_end_speech_and_a_click_is_none() -> None:
    found = of(lane((1, LOUD), (0.4, QUIET), (1, LOUD), (2, QUIET), (0.1, LOUD), (5.5, QUIET)))
    assert found.lanes[0].speech_ms == 2400
    assert found.lanes[0].longest_ms == 2400


def test_it_counts_where_several_speak_at_once() -> None:
    found = of(lane((4, LOUD), (6, QUIET)), lane((3, QUIET), (4, LOUD), (3, QUIET)), lane((10, QUIET)))
    assert found.overlap_ms == 1000
    assert found.silence_ms == 3000
    assert found.lanes[2].share == 0


def test_a_monologue_has_pauses_but_no_other_speaker() -> None:
    caller = lane((2, LOUD), (1, QUIET), (2, LOUD), (1, QUIET), (2, LOUD), (2, QUIET))
    alone = of(caller, lane((10, QUIET)))
    assert (alone.lanes[0].longest_ms, alone.lanes[0].longest_at_ms) == (8000, 0)
    interrupted = of(caller, lane((2.2, QUIET), (0.6, LOUD), (7.2, QUIET)))
    assert (interrupted.lanes[0].longest_ms, interrupted.lanes[0].longest_at_ms) == (5000, 3000)


def test_response_delay_is_the_median_from_the_others_end_to_ones_own_beginning() -> None:
    caller = lane((1, LOUD), (4, QUIET), (1, LOUD), (14, QUIET))
    agent = lane((1.5, QUIET), (1, LOUD), (5, QUIET), (1, LOUD), (11.5, QUIET))
    found = of(caller, agent, seconds=20)
    assert (found.lanes[1].responses, found.lanes[1].response_ms) == (2, 1000)  # after 0.5 s and 1.5 s
    assert (found.lanes[0].responses, found.lanes[0].response_ms) == (1, 2500)


def test_what_comes_much_later_or_overlaps_is_no_response() -> None:
    late = of(lane((1, LOUD), (19, QUIET)), lane((15, QUIET), (1, LOUD), (4, QUIET)), seconds=20)
    assert (late.lanes[1].responses, late.lanes[1].response_ms) == (0, None)
    over = of(lane((3, LOUD), (7, QUIET)), lane((2, QUIET), (3, LOUD), (5, QUIET)))
    assert over.lanes[1].responses == 0


def test_silence_is_common_and_keeps_a_margin() -> None:
    found = of(lane((2, LOUD), (8, QUIET)), lane((6, QUIET), (4, LOUD)))
    assert found.silences == [(2200, 5800)]
    assert of(lane((2, LOUD), (0.9, QUIET), (7.1, LOUD))).silences == []


def test_what_is_not_stored_is_silent() -> None:
    found = of([Piece(0, levels((2, LOUD))), Piece(7000, levels((3, LOUD)))])
    assert found.silences == [(2200, 6800)]
    assert found.lanes[0].speech_ms == 5000


def test_it_takes_pieces_that_stick_out_of_the_session() -> None:
    found = of([Piece(-1000, levels((2, LOUD))), Piece(9500, levels((2, LOUD)))])
    assert found.lanes[0].speech_ms == 1500


def test_loudness_is_that_of_what_was_spoken() -> None:
    assert of(lane((1, 20), (9, QUIET))).lanes[0].loudness == -20
    assert of(lane((1, 20), (1, 40), (8, QUIET))).lanes[0].loudness == pytest.approx(-23, abs=0.1)
    assert of(lane((10, QUIET))).lanes[0].loudness is None


def test_nobody_and_nothing() -> None:
    assert of(seconds=1) == Talk([], 0, 1000, [(200, 800)])
    assert of([], seconds=0) == Talk([of([], seconds=0).lanes[0]], 0, 0, [])
