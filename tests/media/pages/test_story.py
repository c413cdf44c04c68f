"""What happened to a session, on its page: from the first to the last, in words, with what ACS sent folded beneath."""

from datetime import timedelta

import pytest

from calls.models import Call, CallEvent, CallParticipant
from media.access import record
from media.models import AccessEntry, StreamMessage, StreamSession
from media.pages.session_page import page
from media.pages.story import story
from tests.media.rows import NOON, a_connection, a_gap, a_heard_session, a_lane
from tests.people import person

pytestmark = pytest.mark.django_db
REPLAY = AccessEntry.Action.REPLAY
DTMF = '{"kind":"DtmfData","dtmfData":{"data":"5","timestamp":"2026-03-01T12:00:04Z","participantRawID":"4:+1"}}'


@pytest.fixture
def session() -> StreamSession:
    call = Call.objects.create(direction="outbound", state="ended", ended_at=NOON)
    session = a_heard_session(call=call, ended_at=NOON + timedelta(seconds=10), reason="The caller hung up.")
    connection = a_connection(session, remote="10.0.0.7")
    lane = a_lane(session, "4:+1", 100, label="+1")
    a_lane(session, "4:+2", -300, label="+2")  # before the socket, by the sender's clock
    a_gap(session, lane, 2000, 500)
    at = NOON + timedelta(seconds=4)
    said = {"session": session, "connection": connection, "raw_id": "4:+1"}
    StreamMessage.objects.create(row=1, at=at, kind="DtmfData", text=DTMF, **said)
    StreamMessage.objects.create(row=2, at=at, kind="Strange", text="no JSON <b>", **said)
    CallEvent.objects.create(
        call=call,
        event_id="1",
        kind="CallConnected",
        by="acs",
        at=NOON - timedelta(seconds=1),
        old_state="ringing",
        new_state="connected",
        text="the call is connected",
        raw={"type": "CallConnected"},
    )
    return session


def test_it_tells_from_the_first_to_the_last_and_leaves_gaps_to_their_table(session: StreamSession) -> None:
    lines, count = story(person("olga"), session)
    kinds = [line.kind for line in lines]
    assert kinds[0] == "call"
    assert sorted(kinds[1:3]) == ["created", "opened"]
    assert kinds[3:5] == ["participant", "participant"]
    assert sorted(kinds[5:7]) == ["dtmf", "message"]
    assert sorted(kinds[7:]) == ["closed", "ended"]
    assert count == len(lines)


def test_it_says_who_joined_and_who_left_before_the_end(session: StreamSession) -> None:
    call = session.call
    assert call
    Call.objects.filter(pk=call.pk).update(ended_at=NOON + timedelta(seconds=10))
    call.refresh_from_db()
    there = {"call": call, "joined_at": NOON + timedelta(seconds=1)}
    CallParticipant.objects.create(**there, raw_id="4:+1", left_at=NOON + timedelta(seconds=10))
    CallParticipant.objects.create(**there, raw_id="8:acs:ben", name="Ben", left_at=NOON + timedelta(seconds=5))
    told = {line.text: line.kind for line in story(person("olga"), session)[0]}
    assert (told["+1 joined the call"], told["Ben joined the call"], told["Ben left the call"]) == (
        "joined",
        "joined",
        "left",
    )
    assert "+1 left the call" not in told  # with everybody


def test_it_says_what_changed_and_folds_what_was_sent(session: StreamSession) -> None:
    lines = {line.kind: line for line in story(person("olga"), session)[0]}
    assert (lines["call"].change, lines["call"].text) == ("Ringing → Connected", "the call is connected")
    assert '"type": "CallConnected"' in lines["call"].raw
    assert (lines["dtmf"].text, '"data": "5"' in lines["dtmf"].raw) == ("key 5", True)
    assert (lines["message"].text, lines["message"].raw) == ("Strange", "no JSON <b>")
    assert (lines["participant"].text, lines["participant"].seek) == ("first audio of +1", "0:00.1")
    assert lines["opened"].raw == ""


def test_it_shows_a_calls_events_only_to_those_who_may_see_calls(session: StreamSession) -> None:
    olga = person("olga")
    group = olga.groups.get()
    group.permissions.remove(group.permissions.get(codename="view_call"))
    assert "call" not in [line.kind for line in story(olga, session)[0]]


def test_what_somebody_heard_in_a_row_is_one_line(session: StreamSession) -> None:
    sven = person("sven")
    for start in (0, 3000, 6000):
        record(sven, session, REPLAY, "console", start, start + 3000)
    record(sven, session, REPLAY, "console", 0, 3000)
    record(person("olga"), session, REPLAY, "console", 3000, 6000)
    record(sven, session, AccessEntry.Action.DOWNLOAD, "console", 0, 9000)
    parts = [(line["row"].username, line["part"]) for line in page(sven, session)["entries"]]
    assert parts == [
        ("sven", "0:00.0 – 0:09.0"),
        ("olga", "0:03.0 – 0:06.0"),
        ("sven", "0:00.0 – 0:03.0"),
        ("sven", "0:00.0 – 0:09.0"),
    ]
