"""Chunks of overlapping connections laid end to end, and positions of one rate in another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.stream.layout import convert, lay_out


def test_it_leaves_chunks_that_do_not_overlap_where_they_are() -> None:
    assert lay_out([(0, 100), (100, 50), (400, 10)]) == [0, 100, 400]


def test_it_shifts_what_overlaps_until_the_next_gap_takes_it_up() -> None:
    assert lay_out([(0, 100), (60, 50), (120, 10), (500, 10)]) == [0, 100, 150, 500]


def test_it_refuses_spans_out_of_order() -> None:
    with pytest.raises(ValueError, match="60 after 100"):
        lay_out([(100, 10), (60, 10)])


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(1, 1000))).map(sorted))
def test_it_cuts_nothing_and_puts_nothing_early(spans: list[tuple[int, int]]) -> None:
    starts = lay_out(spans)
    assert all(start >= position for start, (position, _) in zip(starts, spans, strict=True))
    ends = [start + samples for start, (_, samples) in zip(starts, spans, strict=True)]
    assert all(start >= end for start, end in zip(starts[1:], ends, strict=False))


def test_it_converts_positions_between_rates() -> None:
    assert convert(320, 16000, 24000) == 480
    assert convert(481, 24000, 16000) == 321
    assert convert(1, 16000, 24000) == 2
    assert convert(1_731_698_172 * 16000, 16000, 24000) == 1_731_698_172 * 24000
