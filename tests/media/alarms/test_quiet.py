"""Quiet hours, over midnight and in other time zones."""

from datetime import UTC, datetime

import pytest

from media.alarms.quiet import quiet_hours


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 7, 1, hour, minute, tzinfo=UTC)


def test_it_is_quiet_over_midnight() -> None:
    night = quiet_hours("22:00-07:00")
    assert night
    assert [hour for hour in range(24) if at(hour) in night] == [0, 1, 2, 3, 4, 5, 6, 22, 23]
    assert at(21, 59) not in night
    assert at(7) not in night


def test_it_knows_time_zones() -> None:
    lunch = quiet_hours("12:00-13:30 Europe/Berlin")
    assert lunch
    assert [hour for hour in range(24) if at(hour) in lunch] == [10, 11]


def test_there_may_be_none() -> None:
    assert quiet_hours("") is None


@pytest.mark.parametrize("text", ["at night", "22-07", "25:00-07:00", "22:00-07:00 Europe/Nowhere", "22:00-07:00 ../x"])
def test_it_says_what_would_do(text: str) -> None:
    with pytest.raises(ValueError, match="22:00-07:00 Europe/Berlin"):
        quiet_hours(text)
