"""The board of one process: what is running, as every watcher sees it. Made once for all watchers: a further one costs
a queue and a socket. A snapshot first, then events, numbered so that a hole shows; a message at least once a second.

Messages are JSON texts with `type`, `seq` and `at` (our clock, ms since the epoch): `snapshot` (all of it); `session`,
`call` and `incoming` (new or changed; incoming calls ring here); `gone` (a session that is over), `call_gone`,
`incoming_gone`; `none` (what this watcher may not see); `levels` (per session's number one figure per participant:
−dBFS, 127 silence, 128 more while speaking); `beat` (`trouble` says what is not current)."""

import time
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec

from calls.identifiers import short_of
from media.live.calls_now import CallRow, IncomingRow
from media.live.messages import Lane, Tapped
from media.live.outlet import Outlet
from media.live.rows import LaneRow, Look, SessionRow
from media.sessions.identity import kind_of, label_of, participant_of
from media.stream.levels import DIGITAL_ZERO

MOST_WAITING = 60  # messages: about ten seconds
STALE_SECONDS = 0.5  # after so long without a frame a lane's level is silence
SPEAKING = 128
OF_CALLS = ("call", "call_gone", "incoming", "incoming_gone")

encode = msgspec.json.Encoder().encode


class Watcher(Outlet):
    """One watcher; not everybody may see calls."""

    def __init__(self, most: int, sees_calls: bool) -> None:
        super().__init__(most)
        self.sees_calls = sees_calls


class ShownLane:
    """One lane's strip."""

    def __init__(self, row: LaneRow) -> None:
        self.row = row
        self.level, self.speaking, self.at = DIGITAL_ZERO, False, 0.0
        self.spoke_at: int | None = None  # ms since the epoch, by our clock
        self.stored = False  # whether its row is in the database
        self.earlier = False  # whether it may have spoken before anybody watched

    def hear(self, lane: Lane, at_ms: int, now: float) -> None:
        self.level, self.speaking, self.at = lane.level, lane.speaking, now
        if lane.speaking:
            self.spoke_at = at_ms

    def figure(self, now: float) -> int:
        if now - self.at > STALE_SECONDS:
            return DIGITAL_ZERO
        return self.level + (SPEAKING if self.speaking else 0)


class Shown:
    """One session with its lanes in the order in which they appeared. `number` names it in `levels`."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.row: SessionRow | None = None  # until the database knows it too
        self.lanes: dict[str | None, ShownLane] = {}
        self.said: dict[str, Any] = {}
        self.figures: list[int] = []
        self.heard_at = 0.0

    def view(self) -> dict[str, Any]:
        """Asked only where there is a row."""
        row = self.row
        if row is None:
            return {}
        participants = [
            {
                "id": lane.row.id,
                "label": lane.row.label or short_of(raw_id or ""),
                "raw_id": raw_id,
                "kind": lane.row.kind,
                "quiet": row.quiet.get(raw_id or "", ""),
                "can": row.can.get(raw_id or "", ()),
            }
            for raw_id, lane in self.lanes.items()
        ]
        return {
            "id": row.id,
            "n": self.number,
            "name": row.name,
            "state": row.state,
            "reason": row.reason,
            "started_at": row.started_at,
            "since": row.since,
            "channels": row.channels,
            "call": row.call,
            "participants": participants,
        }

    def spoke(self) -> list[int | None]:
        return [lane.spoke_at for lane in self.lanes.values()]


class Board:
    """Everything on the event loop. `outlets` are the watchers."""

    def __init__(self) -> None:
        self.outlets: set[Watcher] = set()
        self.sessions: dict[UUID, Shown] = {}
        self.calls: dict[UUID, CallRow] = {}
        self.incoming: dict[UUID, IncomingRow] = {}
        self.trouble = self.unheard = ""  # why states are not current; why levels of other processes' calls are not
        self.looked = False
        self.seq = self.sent = 0
        self._places: dict[UUID, UUID] = {}  # connection → session, for audio that came after a deletion
        self._numbers = 0

    @property
    def watched(self) -> bool:
        return bool(self.outlets)

    @property
    def not_current(self) -> str:
        return self.trouble or self.unheard

    def open(self, sees_calls: bool) -> Watcher:
        outlet = Watcher(MOST_WAITING, sees_calls)
        if self.looked:
            outlet.put(self.snapshot(sees_calls))
        self.outlets.add(outlet)
        return outlet

    def snapshot(self, sees_calls: bool) -> str:
        """All there is, up to the message of its number."""
        shown = [each for each in self.sessions.values() if each.row]
        facts = {
            "type": "snapshot",
            "seq": self.seq,
            "at": _now_ms(),
            "trouble": self.not_current,
            "sessions": [{**each.view(), "spoke": each.spoke()} for each in shown],
            "calls": list(self.calls.values()) if sees_calls else [],
            "incoming": list(self.incoming.values()) if sees_calls else [],
        }
        return encode(facts).decode()

    def say(self, kind: str, **facts: Any) -> None:
        """One message to all watchers; before the first look there is nothing to change."""
        if not self.looked and kind != "beat":
            return
        self.seq += 1
        self.sent += len(self.outlets)
        head = {"seq": self.seq, "at": _now_ms()}
        text = encode({"type": kind, **head, **facts}).decode()
        instead = encode({"type": "none", **head}).decode() if kind in OF_CALLS else text
        for outlet in self.outlets:
            outlet.put(text if outlet.sees_calls else instead)

    # --- from the tap -----------------------------------------------------------------------------------------------

    def hear(self, tapped: list[Tapped]) -> None:
        now = time.monotonic()
        for each in tapped:
            shown = self._shown(self._places.get(each.connection, each.session))
            shown.heard_at = now
            for lane in each.lanes:
                strip = shown.lanes.get(lane.raw_id) or self._new_lane(shown, each.session, lane.raw_id)
                strip.hear(lane, each.at // 1_000_000, now)

    def say_levels(self) -> None:
        """What has changed since the last time."""
        now = time.monotonic()
        changed: dict[str, list[int]] = {}
        for shown in self.sessions.values():
            figures = [lane.figure(now) for lane in shown.lanes.values()]
            if shown.row and figures != shown.figures:
                self._say_session(shown)
                changed[str(shown.number)] = shown.figures = figures
        if changed:
            self.say("levels", of=changed)

    def _shown(self, session: UUID) -> Shown:
        if session not in self.sessions:
            self._numbers += 1
            self.sessions[session] = Shown(self._numbers)
        return self.sessions[session]

    def _new_lane(self, shown: Shown, session: UUID, raw_id: str | None) -> ShownLane:
        session = shown.row.id if shown.row else session
        row = LaneRow(participant_of(session, raw_id), raw_id, kind_of(raw_id), label_of(raw_id))
        lane = shown.lanes[raw_id] = ShownLane(row)
        return lane

    # --- from the database ------------------------------------------------------------------------------------------

    def see(self, look: Look, ends: dict[UUID, tuple[str, str]]) -> None:
        """What has changed since the last look; `ends` are the states of sessions that it does not hold any more."""
        self.trouble = ""
        self._places = {connection: row.id for row in look.sessions.values() for connection in row.connections}
        for session_id in self.vanished(look):
            state, reason = ends.get(session_id, ("ended", ""))
            self.say("gone", id=session_id, state=state, reason=reason)
            del self.sessions[session_id]
        for row in look.sessions.values():
            shown = self._shown(row.id)
            shown.row = row
            self._know(shown, row.lanes)
            self._say_session(shown)
        self._forget_strangers()
        self._see_calls(look)
        if not self.looked:
            self.looked = True
            for outlet in self.outlets:
                outlet.begin_anew(self.snapshot(outlet.sees_calls))

    def vanished(self, look: Look) -> list[UUID]:
        return [key for key, shown in self.sessions.items() if shown.row and key not in look.sessions]

    def unheard_lanes(self) -> list[UUID]:
        """Lanes of which nobody knows yet when they last spoke, and that stored sound may tell of. (That they are heard
        now says nothing: their silence may reach us before the first look into the database is over.)"""
        strips = (lane for shown in self.sessions.values() for lane in shown.lanes.values())
        return [lane.row.id for lane in strips if lane.spoke_at is None and lane.earlier]

    def unstored_lanes(self) -> list[tuple[UUID, str]]:
        """Session and raw id of lanes that the database does not have yet."""
        return [
            (session, raw_id)
            for session, shown in self.sessions.items()
            for raw_id, lane in shown.lanes.items()
            if raw_id and not lane.stored
        ]

    def name(self, names: dict[tuple[UUID, str], str]) -> None:
        for (session, raw_id), label in names.items():
            shown = self.sessions.get(session)
            if shown and raw_id in shown.lanes and not shown.lanes[raw_id].stored:
                lane = shown.lanes[raw_id]
                lane.row = replace(lane.row, label=label)
                if shown.row:
                    self._say_session(shown)

    def know_speech(self, spoke: dict[UUID, int]) -> None:
        for shown in self.sessions.values():
            for lane in shown.lanes.values():
                if lane.spoke_at is None and lane.row.id in spoke:
                    lane.spoke_at = spoke[lane.row.id]
            if shown.row and any(lane.row.id in spoke for lane in shown.lanes.values()):
                self.say("session", session={**shown.view(), "spoke": shown.spoke()})

    def _know(self, shown: Shown, rows: list[LaneRow]) -> None:
        """In the order of the rows, which decides their colours everywhere; then those that are not stored yet."""
        before = shown.lanes
        shown.lanes = {row.raw_id: before.get(row.raw_id) or ShownLane(row) for row in rows}
        for row in rows:
            lane = shown.lanes[row.raw_id]
            lane.earlier = lane.earlier or not self.looked or row.raw_id not in before
            lane.row, lane.stored = row, True
        shown.lanes.update({raw_id: lane for raw_id, lane in before.items() if raw_id not in shown.lanes})

    def _say_session(self, shown: Shown) -> None:
        view = shown.view()
        if view != shown.said:
            shown.said = view
            self.say("session", session={**view, "spoke": shown.spoke()})

    def _forget_strangers(self) -> None:
        """Sound of sessions that the database never came to know, or has left."""
        oldest = time.monotonic() - 30
        for key in [key for key, shown in self.sessions.items() if not shown.row and shown.heard_at < oldest]:
            del self.sessions[key]

    def _see_calls(self, look: Look) -> None:
        for key, call in look.calls.items():
            if self.calls.get(key) != call:
                self.say("call", call=call)
        for key in set(self.calls) - set(look.calls):
            self.say("call_gone", id=key)
        for key, incoming in look.incoming.items():
            if self.incoming.get(key) != incoming:
                self.say("incoming", incoming=incoming)
        for key in set(self.incoming) - set(look.incoming):
            self.say("incoming_gone", id=key)
        self.calls, self.incoming = look.calls, look.incoming


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
