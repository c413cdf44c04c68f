"""What is wrong now: each kind from rows as they would stand."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from calls.models import Call, CallEvent, CallParticipant
from media.alarms import conditions
from media.alarms.watch import look
from media.models import TICKS_PER_SECOND, Alarm, Participant, StreamSession
from media.monitoring import disk, heartbeat

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def lane(session: StreamSession, raw_id: str, seconds: int, speech: int) -> Participant:
    return Participant.objects.create(
        id=uuid.uuid4(),
        session=session,
        raw_id=raw_id,
        kind="phone",
        label=raw_id[2:],
        first_ticks=0,
        end_ticks=seconds * TICKS_PER_SECOND,
        stored_ticks=seconds * TICKS_PER_SECOND,
        speech_ticks=speech * TICKS_PER_SECOND,
    )


def recording(seconds: int) -> StreamSession:
    return StreamSession.objects.create(
        id=uuid.uuid4(),
        state="recording",
        channels="unmixed",
        label="Parcel",
        origin_ticks=0,
        end_ticks=seconds * TICKS_PER_SECOND,
        duration_ms=seconds * 1000,
    )


def kinds() -> list[str]:
    return [str(wrong.kind) for wrong in conditions.all_wrong(NOW)]


def test_nothing_is_wrong_where_nothing_happens() -> None:
    assert kinds() == []


def test_a_call_is_one_sided_when_one_speaks_and_of_the_other_nothing_was_ever_heard() -> None:
    session = recording(70)
    lane(session, "4:+1", 70, 30)
    mute = lane(session, "4:+2", 70, 0)
    (wrong,) = conditions.all_wrong(NOW)
    assert wrong.text == "One-sided call: nothing was heard of +2 yet (Parcel)."
    assert wrong.path == f"/sessions/{session.pk}/"
    mute.speech_ticks = 1
    mute.save()
    assert kinds() == []


@pytest.mark.parametrize(("seconds", "speech"), [(50, 30), (70, 5)])
def test_it_gives_people_time_to_speak(seconds: int, speech: int) -> None:
    session = recording(seconds)
    lane(session, "4:+1", seconds, speech)
    lane(session, "4:+2", seconds, 0)
    assert kinds() == []


def test_a_call_goes_on_unrecorded() -> None:
    lost = NOW - timedelta(seconds=20)
    trouble = "Audio lost, asking again (2)."
    call = Call.objects.create(
        direction="outbound", state="connected", to=["+15550100"], streaming_lost_at=lost, streaming_trouble=trouble
    )
    (wrong,) = conditions.all_wrong(NOW)
    assert wrong.text.startswith("The call to +15550100 goes on unrecorded since ")
    assert wrong.text.endswith(trouble)
    assert wrong.path == f"/calls/{call.pk}/"
    Call.objects.update(streaming_lost_at=NOW)
    assert kinds() == []


def test_a_call_of_which_nothing_ever_came_is_lost_although_its_socket_is_open() -> None:
    before = NOW - timedelta(seconds=70)
    call = Call.objects.create(
        direction="outbound", state="connected", to=["+15550100"], connected_at=before, streaming="started"
    )
    session = StreamSession.objects.create(id=uuid.uuid4(), call=call, state="no_audio", live=True)
    assert kinds() == [], "nobody is in it"
    CallParticipant.objects.create(call=call, raw_id="4:+15550100", joined_at=before)
    (wrong,) = conditions.all_wrong(NOW)
    assert (wrong.kind, wrong.subject) == ("sound_lost", str(call.pk))
    assert "nothing ever came" in wrong.text
    for state, received in (("waiting", 0), ("no_audio", 50)):
        StreamSession.objects.update(state=state, received=received, stored=received)
        assert kinds() == []
    StreamSession.objects.update(state="no_audio", received=0, stored=0)
    Call.objects.update(streaming="stopped")
    assert kinds() == [], f"{session} was stopped on purpose"


def test_acs_refuses_several_times_in_a_few_minutes() -> None:
    call = Call.objects.create(direction="outbound", state="placing")
    for number in range(3):
        assert kinds() == []
        CallEvent.objects.create(
            call=call,
            event_id=str(number),
            kind="refused",
            by="us",
            text="ACS does not know us.",
            received_at=NOW,
            old_state="placing",
            new_state="failed",
        )
    (wrong,) = conditions.all_wrong(NOW)
    assert wrong.text == "ACS refused 3 requests within 5 minutes. The last: ACS does not know us."


def test_processes_say_that_they_lag_or_cannot_write_or_take_no_more() -> None:
    heartbeat.write("one", [], {"archive_lag": 300.0, "spool_failing": 0})
    heartbeat.write("two", [], {"archive_lag": 12.0, "spool_age": 35.0, "spool_failing": 1})
    heartbeat.write("three", [], {"disk_low": 1})
    assert sorted(kinds()) == ["archive_lag", "disk", "spool"]


def test_an_archiver_that_stands_still_is_one_incident_of_its_machine_however_many_processes_wait() -> None:
    for name in ("one", "two"):
        heartbeat.write(name, [], {"host": "ear", "spool_age": 100.0, "spool_failing": 1})
    heartbeat.write("archive-3", [], {"host": "ear", "archive_lag": 95.0})
    heartbeat.write("four", [], {"host": "eye", "spool_age": 101.0})
    found = {(str(wrong.kind), wrong.subject): wrong.text for wrong in conditions.all_wrong(NOW)}
    assert len(found) == 3
    assert found["archive_lag", "ear"].startswith("Archiving lags 85 s behind on ear:")
    assert found["archive_lag", "eye"].startswith("Archiving lags 81 s behind on eye:")
    assert found["spool", "ear"].startswith("On ear the spool cannot be written (one, two):")


def test_a_spool_that_nobody_archives_is_seen_by_its_age() -> None:
    heartbeat.write("one", [], {"spool_age": 100.0})
    (wrong,) = conditions.all_wrong(NOW)
    assert wrong.text == "Archiving lags 80 s behind on one: recordings appear late. The spool keeps them."


def test_a_call_is_one_sided_when_of_somebody_in_it_no_frame_ever_came() -> None:
    call = Call.objects.create(direction="outbound", state="connected", to=["+15550100"])
    session = recording(70)
    session.call = call
    session.save()
    lane(session, "4:+1", 70, 30)
    joined = NOW - timedelta(seconds=70)
    rows = CallParticipant.objects
    rows.create(call=call, raw_id="4:+1", joined_at=joined)
    rows.create(call=call, raw_id="4:+3", joined_at=joined, left_at=NOW)
    rows.create(call=call, raw_id="4:+4", joined_at=NOW)
    assert kinds() == []
    rows.create(call=call, raw_id="4:+15550142", joined_at=joined)
    (wrong,) = conditions.all_wrong(NOW)
    assert wrong.text.startswith("One-sided call: nothing was heard of +15550142 yet")


def test_the_disk_is_nearly_full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert all(place.hours_left > 0 and 0 < place.free <= place.total for place in disk.places())
    monkeypatch.setattr(disk, "LEAST_RATE", 1 << 60)  # as if this much were recorded in an hour
    (wrong, *_) = conditions.all_wrong(NOW)
    assert wrong.kind == Alarm.Kind.DISK
    assert wrong.text.startswith("The disk of the ")
    assert "is full in a few minutes" in wrong.text


def test_the_disk_of_another_machine_is_seen_too_and_each_once() -> None:
    place = {"name": "the spool", "free": 3 << 30, "total": 9 << 30, "hours_left": 30.0, "host": "ears"}
    heartbeat.write("one", [], {"disks": [place], "disk_low": 1})
    heartbeat.write("two", [], {"disks": [{**place, "hours_left": 12.4}], "disk_low": 1})
    assert sorted(wrong.text for wrong in conditions.all_wrong(NOW)) == [
        "The disk of the spool on ears is full in about 12 hours (3.0 GiB left).",
        "The disk of the spool on ears is full: new streams are refused, running ones go on.",
    ]


def test_a_disk_that_fills_lasts_as_long_as_it_was_seen_to() -> None:
    trend = disk.Trend()
    for minute in range(30):
        trend.note(minute * 60.0, (1000 - minute) << 20)
        assert (trend.bytes_per_hour() > 0) == (minute >= 5), "a moment says nothing"
    assert trend.bytes_per_hour() == 60 << 20
    for minute in range(30, 60):
        trend.note(minute * 60.0, 2000 << 20)
    assert trend.bytes_per_hour() == 0


@pytest.mark.django_db(transaction=True)
def test_a_look_writes_what_it_finds() -> None:
    heartbeat.write("one", [], {"spool_failing": 1})
    look()
    assert Alarm.objects.get().kind == "spool"
