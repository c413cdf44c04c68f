"""Timestamps in every form that ACS and its imitators write."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.stream import stamps

NOON = 1_731_672_000_000_000_000  # 2024-11-15T12:00:00Z


@pytest.mark.parametrize(
    ("text", "stamp", "digits"),
    [
        ("2024-11-15T12:00:00Z", NOON, 0),
        ("2024-11-15T12:00:00.9Z", NOON + 900_000_000, 1),
        ("2024-11-15T12:00:00.92Z", NOON + 920_000_000, 2),
        ("2024-11-15T12:00:00.925Z", NOON + 925_000_000, 3),
        ("2024-11-15T12:00:00.9250Z", NOON + 925_000_000, 4),
        ("2024-11-15T12:00:00.92512Z", NOON + 925_120_000, 5),
        ("2024-11-15T12:00:00.925123Z", NOON + 925_123_000, 6),
        ("2024-11-15T12:00:00.9251234Z", NOON + 925_123_400, 7),
        ("2024-11-15T12:00:00.92512345Z", NOON + 925_123_450, 8),
        ("2024-11-15T12:00:00.925123456Z", NOON + 925_123_456, 9),
    ],
)
def test_it_reads_every_number_of_fraction_digits(text: str, stamp: int, digits: int) -> None:
    assert stamps.parse(text) == (stamp, digits)


@pytest.mark.parametrize(
    "text",
    [
        "2024-11-15T12:00:00.925z",
        "2024-11-15t12:00:00.925Z",
        "2024-11-15 12:00:00.925Z",
        "2024-11-15T12:00:00.925",
        "2024-11-15T12:00:00,925Z",
        "2024-11-15T12:00:00.925+00:00",
        "2024-11-15T12:00:00.925-00:00",
        "2024-11-15T17:30:00.925+05:30",
        "2024-11-15T17:30:00.925+0530",
        "2024-11-15T14:00:00.925+02",
        "2024-11-15T04:00:00.925-08:00",
        "2024-11-14T23:00:00.925-13:00",
        " 2024-11-15T12:00:00.925Z\n",
    ],
)
def test_it_reads_every_way_to_write_the_same_instant(text: str) -> None:
    assert stamps.parse(text) == (NOON + 925_000_000, 3)


def test_it_reads_the_ends_of_the_calendar() -> None:
    assert stamps.parse("0001-01-01T00:00:00+00:00") == (-62_135_596_800_000_000_000, 0)
    assert stamps.parse("0001-01-01T00:00:00+14:00") == (-62_135_596_800_000_000_000 - 14 * 3_600_000_000_000, 0)
    assert stamps.parse("9999-12-31T23:59:59.9999999Z") == (253_402_300_799_999_999_900, 7)
    assert stamps.parse("1969-12-31T23:59:59.5Z") == (-500_000_000, 1)


def test_it_takes_a_leap_second_as_the_first_of_the_next_minute() -> None:
    assert stamps.parse("2016-12-31T23:59:60.250Z") == stamps.parse("2017-01-01T00:00:00.250Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2024-11-15",
        "12:00:00Z",
        "2024-11-15T12:00Z",
        "2024-11-15T24:00:00Z",
        "2024-11-15T24:00:00.000Z",
        "2024-11-15T12:60:00.000Z",
        "2024-11-15T12:00:61.000Z",
        "2024-13-15T12:00:00.000Z",
        "2024-00-15T12:00:00.000Z",
        "2023-02-29T12:00:00.000Z",
        "0000-01-01T00:00:00.000Z",
        "2024-11-15T12:00:00.Z",
        "2024-11-15T12:00:00.0123456789Z",
        "2024-11-15T12:00:00.1_5Z",
        "2024-11-15T12:00:00.²Z",
        "2024-11-15T12:00:00.٣Z",
        "٢٠٢٤-11-15T12:00:00.925Z",
        "2024-11-15T12:00:00.-25Z",
        "2024-11-15T12:00:00.925ZZ",
        "2024-11-15T12:00:00.925+24:00",
        "2024-11-15T12:00:00.925+05:60",
        "2024-11-15T12:00:00.925+5",
        "2024-11-15T12:00:00.925 PST",
        "20241115120000",
        "2024-11-15T12:00:00." + "9" * 100_000 + "Z",
        "5",
        "-1731672000",
    ],
)
def test_it_knows_no_time_in_nonsense(text: str) -> None:
    assert stamps.parse(text) is None


@pytest.mark.parametrize(
    ("number", "stamp", "digits"),
    [
        (1_731_672_000, NOON, 0),
        (1_731_672_000.925, NOON + 925_000_000, 3),
        (1_731_672_000_925, NOON + 925_000_000, 3),
        (1_731_672_000_925.5, NOON + 925_500_000, 4),
        (1_731_672_000_925_123, NOON + 925_123_000, 6),
        (17_316_720_009_251_234, NOON + 925_123_400, 7),
        (638_672_688_009_251_234, NOON + 925_123_400, 7),
        (1_731_672_000_925_123_456, NOON + 925_123_456, 9),
        ("1731672000925123456.5", NOON + 925_123_456, 9),
        ("1731672000.925", NOON + 925_000_000, 3),
        ("1731672000925", NOON + 925_000_000, 3),
    ],
)
def test_it_tells_a_numbers_unit_by_its_size(number: int | float | str, stamp: int, digits: int) -> None:
    assert stamps.from_number(number) == (stamp, digits)
    assert stamps.parse(str(number)) == (stamp, digits)


@pytest.mark.parametrize("number", [0, 1, 20, 0.02, -1_731_672_000, 10**11 - 1, 10**13, 5 * 10**17, 10**19, 10**4000])
def test_it_takes_a_number_of_no_known_unit_for_no_time(number: int | float) -> None:
    assert stamps.from_number(number) is None


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 1.7e308])
def test_it_takes_what_is_no_number_for_no_time(number: float) -> None:
    assert stamps.from_number(number) is None


def test_it_writes_as_acs_does() -> None:
    assert stamps.write(NOON + 25_999_999) == "2024-11-15T12:00:00.025Z"
    assert stamps.write(-1) == "1969-12-31T23:59:59.999Z"
    assert stamps.write(-62_135_596_800_000_000_000) == "0001-01-01T00:00:00.000Z"


@given(
    moment=st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001
    minutes=st.integers(-14 * 60, 14 * 60),
)
def test_it_agrees_with_pythons_own_calendar(moment: datetime, minutes: int) -> None:
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    passed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    nanoseconds = ((passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds) * 1000
    assert stamps.parse(moment.isoformat(timespec="microseconds")) == (nanoseconds, 6)


@given(milliseconds=st.integers(-(10**13), 10**14))
def test_it_reads_back_what_it_wrote(milliseconds: int) -> None:
    assert stamps.parse(stamps.write(milliseconds * 1_000_000)) == (milliseconds * 1_000_000, 3)


@given(text=st.text())
def test_it_never_raises(text: str) -> None:
    stamps.parse(text)
    stamps.parse(f"2024-11-15T12:00:00{text}")
    stamps.parse(f"2024-11-15T12:00:00.{text}Z")
