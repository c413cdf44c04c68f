"""Many calls in trouble at once are one incident, and stay it until the last of them is well."""

from datetime import UTC, datetime, timedelta

import pytest

from media.alarms import incidents
from media.alarms.conditions import Wrong
from media.alarms.several import FEW, together
from media.models import Alarm

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
Kind = Alarm.Kind


def lost(name: str) -> Wrong:
    return Wrong(Kind.SOUND_LOST, name, f"The call to {name} goes on unrecorded.", f"/calls/{name}/")


def look(seconds: float, *names: str) -> dict[str, str]:
    """The open incidents after it, by subject."""
    incidents.note([*together(map(lost, names))], NOON + timedelta(seconds=seconds))
    return {alarm.subject: alarm.text for alarm in incidents.open_now()}


def test_a_few_are_told_apart() -> None:
    assert len(look(0, "olga", "otto", "sven")) == FEW


def test_an_outage_is_one_incident_until_its_last_call_is_well() -> None:
    assert set(look(0, "ada")) == {"ada"}
    found = look(5, "ada", "olga", "otto", "sven", "ben")
    assert set(found) == {"ada", "several"}, "what was an incident stays one"
    assert found["several"] == "4 calls go on unrecorded. The first: The call to olga goes on unrecorded."
    assert Alarm.objects.get(subject="several").path == "/calls/?state=connected"
    assert look(100, "ben") == {"several": "The call to ben goes on unrecorded."}
    assert look(161) == {}
    assert Alarm.objects.count() == 2
    assert set(look(170, "ben")) == {"ben"}


def test_other_troubles_are_left_as_they_are() -> None:
    full = [Wrong(Kind.DISK, str(number), "The disk is full.") for number in range(FEW + 2)]
    assert [*together(full)] == full
