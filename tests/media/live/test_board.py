"""The board's own bookkeeping: numbered messages, the order of lanes, sound that came after a deletion, and what not
everybody may see."""

import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from media.live.board import Board, Watcher
from media.live.calls_now import CallRow
from media.live.messages import Lane, Tapped
from media.live.rows import LaneRow, Look, SessionRow
from media.sessions.identity import participant_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA, BEN = "4:+15550100001", "4:+15550100002"


def a_row(**fields: Any) -> SessionRow:
    values = {"name": "Support", "state": "recording", "reason": "", "channels": "unmixed", "call": None}
    return SessionRow(**{"id": uuid.uuid4(), "started_at": NOON, "since": NOON, **values, **fields})


def look_at(*rows: SessionRow, calls: tuple[CallRow, ...] = ()) -> Look:
    return Look({row.id: row for row in rows}, {call.id: call for call in calls}, {})


def tapped(session: uuid.UUID, connection: uuid.UUID, **levels: int) -> Tapped:
    lanes = [Lane({"ada": ADA, "ben": BEN}[name], level, level < 50, 16_000) for name, level in levels.items()]
    return Tapped(session, connection, time.time_ns(), lanes)


async def told(watcher: Watcher) -> list[dict[str, Any]]:
    """What was said until now."""
    watcher.close(1000, "")
    found = []
    while (text := await watcher.next()) is not None:
        found.append(json.loads(text))
    watcher.closing = None
    return found


async def test_it_numbers_what_it_says_after_a_snapshot() -> None:
    board, row = Board(), a_row()
    early = board.open(sees_calls=True)
    board.hear([tapped(row.id, uuid.uuid4(), ada=20)])
    board.say_levels()
    assert await told(early) == []  # before the first look there is nothing that could change
    board.see(look_at(row), {})
    board.say_levels()
    messages = await told(early)
    assert [message["type"] for message in messages] == ["snapshot", "levels"]
    assert messages[0]["sessions"][0]["participants"][0]["id"] == str(participant_of(row.id, ADA))
    assert messages[1]["of"] == {"1": [148]}
    assert messages[1]["seq"] == messages[0]["seq"] + 1
    late = board.open(sees_calls=True)
    board.see(look_at(), {row.id: ("interrupted", "The connection broke off.")})
    snapshot, gone = await told(late)
    assert (gone["type"], gone["state"], gone["seq"]) == ("gone", "interrupted", snapshot["seq"] + 1)


async def test_it_shows_lanes_in_the_order_of_their_rows() -> None:
    board, row = Board(), a_row()
    board.see(look_at(row), {})
    connection = uuid.uuid4()
    board.hear([tapped(row.id, connection, ben=30, ada=20)])
    row.lanes = [LaneRow(participant_of(row.id, raw_id), raw_id, "phone", name) for raw_id, name in ((ADA, "Ada"),)]
    board.see(look_at(row), {})
    people = json.loads(board.snapshot(True))["sessions"][0]["participants"]
    assert [person["label"] for person in people] == ["Ada", "+15550100002"]


async def test_it_shows_sound_that_came_after_a_deletion_where_it_is_kept() -> None:
    board, deleted, connection = Board(), uuid.uuid4(), uuid.uuid4()
    row = a_row(connections=frozenset({connection}))
    board.see(look_at(row), {})
    board.hear([tapped(deleted, connection, ada=20)])
    shown = json.loads(board.snapshot(True))["sessions"]
    assert [session["id"] for session in shown] == [str(row.id)]
    assert shown[0]["participants"][0]["id"] == str(participant_of(row.id, ADA))


async def test_it_names_people_before_their_sound_is_stored() -> None:
    board, row = Board(), a_row()
    board.see(look_at(row), {})
    board.hear([tapped(row.id, uuid.uuid4(), ada=20, ben=30)])
    assert board.unstored_lanes() == [(row.id, ADA), (row.id, BEN)]
    watcher = board.open(sees_calls=True)
    board.name({(row.id, ADA): "Ada"})
    said = (await told(watcher))[-1]
    assert [person["label"] for person in said["session"]["participants"]] == ["Ada", "+15550100002"]
    row.lanes = [LaneRow(participant_of(row.id, ADA), ADA, "phone", "Ada Lindt")]
    board.see(look_at(row), {})
    assert board.unstored_lanes() == [(row.id, BEN)]


async def test_it_asks_when_those_last_spoke_who_are_silent_now() -> None:
    """Their silence may reach it before the first look into the database is over."""
    board, row = Board(), a_row()
    ada, ben = (participant_of(row.id, raw_id) for raw_id in (ADA, BEN))
    row.lanes = [LaneRow(ada, ADA, "phone", "Ada")]
    board.hear([tapped(row.id, uuid.uuid4(), ada=127)])
    board.see(look_at(row), {})
    assert board.unheard_lanes() == [ada]
    board.hear([tapped(row.id, uuid.uuid4(), ada=127, ben=127)])
    row.lanes = [*row.lanes, LaneRow(ben, BEN, "phone", "Ben")]
    board.see(look_at(row), {})
    assert board.unheard_lanes() == [ada]  # of Ben it has heard everything
    board.know_speech({ada: 1_772_366_700_000})
    assert board.unheard_lanes() == []
    assert json.loads(board.snapshot(True))["sessions"][0]["spoke"] == [1_772_366_700_000, None]


async def test_it_keeps_calls_from_those_who_may_not_see_them() -> None:
    board = Board()
    board.see(look_at(), {})
    may, may_not = board.open(sees_calls=True), board.open(sees_calls=False)
    call = CallRow(uuid.uuid4(), "Call to +15550177", "ringing", "", "", "quiet", (), NOON, None)
    board.see(look_at(calls=(call,)), {})
    seen, unseen = await told(may), await told(may_not)
    assert [message["type"] for message in seen] == ["snapshot", "call"]
    assert [message["type"] for message in unseen] == ["snapshot", "none"]
    assert [message["seq"] for message in seen] == [message["seq"] for message in unseen]  # no hole either
    assert "15550177" not in json.dumps(unseen) + board.snapshot(False)
