"""The scenarios that the emulator ships, played to this server: by a service that dials a lost socket again, and by one
that never does."""

from typing import Any

import msgspec
import yaml

from acs_emulator.scenario.decisions import SHIPPED
from tests.story.telling import PEERS, Told, story


def shipped(name: str, redial: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What goes wrong in it, as a call's plan; and the whole of it."""
    scenario = yaml.safe_load((SHIPPED / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8"))
    plan = {part: scenario[part] for part in ("stream", "rest", "events") if part in scenario}
    return {**plan, "stream": {**plan.get("stream", {}), "redial": redial}}, scenario


def text_of(plan: dict[str, Any]) -> str:
    return msgspec.json.encode(plan).decode()[1:-1]


def a_bad_line(it: Told) -> None:
    _, session = it.whole(it.place())
    assert len(session["connections"]) >= 2
    assert {"socket_lost", "malformed", "provider_silent"} <= it.causes(session)
    assert (session["frames"]["malformed"], session["frames"]["unknown"]) == (3, 1)
    assert session["frames"]["duplicate"]
    assert session["duration_ms"] < 60_000


def a_bad_day(it: Told) -> None:
    call = it.place(announce="Hi.", dtmf=True)
    call = it.stage.reached(call["id"], "connected")
    it.stage.until_session(call["id"], state="recording")
    it.stage.post(f"/calls/{call['id']}/participants", {"to": "8:acs:stays_guy"})
    it.stage.until_kind(call["id"], "AddParticipantSucceeded")
    it.stage.press(call["id"], it.number, "12#")
    it.stage.until(lambda: len(it.stage.session(call["id"])["connections"]) >= 2, "its socket again")
    it.stage.until(lambda: len(it.stage.session(call["id"])["participants"]) == 2, "both lanes")
    it.stage.leave(call["id"], it.number)
    it.stage.leave(call["id"], "8:acs:stays_guy")
    call, session = it.same(call)
    assert it.causes(session) == {"socket_lost"}
    assert call["announced_at"]
    assert [lane["kind"] for lane in session["participants"]] == ["phone", "acs"]


for peer, redial in PEERS.items():
    line, whole = shipped("bad-line", redial)
    person = {**whole["participants"]["*"], "answers": "0s", "leaves": "46s"}
    story(text_of(line), text_of(person), f"a_bad_line_{peer}", long=True)(a_bad_line)
    day, whole = shipped("bad-day", redial)
    day["stream"]["faults"] = [{"do": "drop_socket", "at": "4s"}]  # what it lacks
    story(text_of(day), text_of({**whole["participants"]["+15550104"], "leaves": "10m"}), f"a_bad_day_{peer}")(
        a_bad_day
    )
