import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.stream.byterange import BadRange, parse


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=99-", (99, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=10-1000", (10, 100)),
        ("bytes=-5", (95, 100)),
        ("bytes=-1000", (0, 100)),
        ("Bytes = 10-19 ", (10, 20)),
        ("bytes=10-19,", (10, 20)),
        ("bytes=, 10-19 ,,", (10, 20)),
        ("bytes=10-19, 100-, -0", (10, 20)),
        ("bytes=0-" + "9" * 5000, (0, 100)),
    ],
)
def test_it_knows_the_bytes_that_are_asked_for(header: str, span: tuple[int, int]) -> None:
    assert parse(header, 100) == span


@pytest.mark.parametrize(
    "header",
    [
        *("bytes=100-", "bytes=100-200", "bytes=-0", "bytes=100-,200-300"),
        *("bytes=5-2", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=٣-"),
        *("bytes=,", "bytes=0-5,a-b", "bytes=0-5,9-8"),
    ],
)
def test_it_refuses_what_lies_outside_or_is_no_range(header: str) -> None:
    with pytest.raises(BadRange):
        parse(header, 100)


@pytest.mark.parametrize("header", ["items=0-5", "bytes=0-5,10-15", "bytes=0-5, -5"])
def test_it_answers_several_ranges_and_other_units_with_the_whole(header: str) -> None:
    assert parse(header, 100) is None


@given(st.text("bytes=-0123456789, ", max_size=20), st.integers(1, 10**12))
def test_it_finds_a_span_inside_the_file_or_refuses(header: str, length: int) -> None:
    try:
        span = parse(header, length)
    except BadRange:
        return
    assert span is None or 0 <= span[0] < span[1] <= length
