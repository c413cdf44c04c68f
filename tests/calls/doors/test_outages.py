"""The database away or hung, and the server killed, while calls are placed, run and end: all is right within a
minute."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.calls.doors.stand import Answer, Stand, cloud_event, stand

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """As the office; its server and its database may be broken."""
    with stand(tmp_path_factory.mktemp("house")) as made:
        made.server.start(seconds=120)
        made.give_tokens()
        yield made
        made.database.resume()


def leave(house: Stand, call: dict[str, Any], who: str = "8:acs:somebody") -> None:
    """The other side hangs up."""
    left = house.send("POST", f"{house.acs.url}/emulator/leave", {"conversation": call["correlation_id"], "who": who})
    assert left.status == 200, left


def unavailable(answer: Answer) -> bool:
    return answer.status == 503 and answer.headers["retry-after"] == "5"


def test_callbacks_that_a_missing_database_lost_are_made_up_for(house: Stand) -> None:
    ends, stays = house.connected(), house.connected()
    house.database.stop()
    assert unavailable(house.post(stays["id"], cloud_event(stays, "PlayStarted")))
    assert unavailable(house.ask("GET", "/calls"))
    assert unavailable(house.ask("POST", "/calls", {"to": ["8:acs:somebody"]}))
    leave(house, ends)
    given_up = {"event": "CallDisconnected", "call_connection_id": ends["call_connection_id"], "attempt": 4}
    assert house.acs.wait_for("event", 30, **given_up)["status"] == 503
    house.database.start()
    house.server.wait_until_ready(30)
    house.until(lambda: house.call(ends["id"])["state"] == "ended", "still open", 30)
    assert "not listening" in house.call(ends["id"])["end_reason"]
    asked = "SELECT bool_and(asked_at > created_at) FROM calls_call WHERE state = 'connected'"
    house.until(lambda: house.database.ask(asked), "not asked about", 30)
    assert house.call(stays["id"])["state"] == "connected"
    assert house.ask("POST", f"/calls/{stays['id']}/hangup").status == 202


def test_a_database_that_hangs_holds_nobody_up_for_long(house: Stand) -> None:
    call = house.ringing()
    house.database.hang()
    try:
        began = time.monotonic()
        with ThreadPoolExecutor(40) as pool:
            asked = [pool.submit(house.ask, "GET", "/calls") for _ in range(15)]
            asked += [pool.submit(house.ask, "POST", "/calls", {"to": ["8:acs:a"]}) for _ in range(5)]
            asked += [pool.submit(house.post, call["id"], cloud_event(call, "PlayStarted")) for _ in range(15)]
            assert all(unavailable(one.result()) for one in asked)
        assert time.monotonic() - began < 25
    finally:
        house.database.resume()
    house.server.wait_until_ready(30)
    with ThreadPoolExecutor(20) as pool:
        assert {answer.status for answer in pool.map(lambda _: house.ask("GET", "/calls"), range(20))} == {200}
    assert house.post(call["id"], cloud_event(call, "CallConnected")).status == 200
    assert "Traceback" not in house.server.output()


def living(house: Stand) -> set[str]:
    """The calls that ACS has, by connection id."""
    return house.acs.do(lambda world: {name for name, call in world.calls.items() if call.state == "connected"})


def open_ones(house: Stand) -> set[str]:
    states = "&".join(f"state={state}" for state in ("placing", "ringing", "connected", "disconnecting"))
    return {call["call_connection_id"] for call in house.ask("GET", f"/calls?{states}&limit=200").body["items"]}


def answer_all(world: Any) -> None:
    """Whoever is called "slow" answers now."""
    for conversation in world.conversations.values():
        for invitation in conversation.ringing:
            if invitation.waiting and invitation.target == "8:acs:slow":
                invitation.settle("answered")


def states_of(house: Stand, note: str) -> list[str]:
    return [call["state"] for call in house.ask("GET", f"/calls?q={note}").body["items"]]


def test_after_a_kill_all_is_right_though_no_callback_ever_comes(house: Stand) -> None:
    for call in house.ask("GET", "/calls?state=connected&state=ringing").body["items"]:
        house.ask("POST", f"/calls/{call['id']}/hangup")
    running = [house.connected() for _ in range(4)]
    house.fault(rest={"operation": "create", "delay": 3, "done": True, "times": 0})
    with ThreadPoolExecutor(8) as pool:
        bodies = [{"to": ["8:acs:slow"], "note": "cut"}] * 5 + [{"to": ["8:acs:slow-indeed"], "note": "nobody"}]
        for body in bodies:
            pool.submit(house.ask, "POST", "/calls", body)
        time.sleep(1.5)
        house.fault(event={"type": "*", "do": "lose", "times": 0})
        house.server.kill()
    for call in running[:2]:
        leave(house, call)
    house.server.start(seconds=120)
    started = time.monotonic()
    house.acs.do(answer_all)
    # as if it had been away longer
    house.database.ask("UPDATE calls_call SET created_at = created_at - interval '25 s' WHERE note <> '' RETURNING 1")
    house.until(lambda: house.call(running[0]["id"])["state"] == "ended", "still open", 30)
    house.until(lambda: house.call(running[1]["id"])["state"] == "ended", "still open", 30)
    assert {house.call(call["id"])["state"] for call in running[2:]} == {"connected"}
    # What was being placed: the sound that comes shows which came about; of the one that rang on nothing is heard.
    house.until(lambda: states_of(house, "cut") == ["connected"] * 5, "not found", 45)
    house.until(lambda: open_ones(house) == living(house), (open_ones(house), living(house)), 45)
    assert time.monotonic() - started < 60
    (nobody,) = house.ask("GET", "/calls?q=nobody").body["items"]
    assert nobody["state"] == "failed"
    assert nobody["end_reason"].startswith("ACS never answered the request to place this call")
    house.no_faults()
    for call in house.ask("GET", "/calls?state=connected").body["items"]:
        assert house.ask("POST", f"/calls/{call['id']}/hangup").status == 202
        assert house.call(call["id"], "ended")["state"] == "ended"
    assert "Traceback" not in house.server.output()


def test_it_ends_although_the_database_hangs(house: Stand) -> None:
    house.connected()
    house.database.hang()
    time.sleep(2)  # the supervisor is caught in it
    began = time.monotonic()
    assert house.server.stop(seconds=45) == 0
    assert time.monotonic() - began < 40
