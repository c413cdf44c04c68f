"""ACS's events come twice, late, in another order, before an answer, or never: the call ends as it ended."""

from tests.story.telling import Told, story


def spoiled(kind: str, do: str, **more: str) -> str:
    extra = "".join(f", {name}: {value}" for name, value in more.items())
    return f"events: [{{type: {kind}, do: {do}{extra}, times: 0}}]"


ALL_ALONG = (
    "CallConnected",
    "CallDisconnected",
    "ParticipantsUpdated",
    "MediaStreamingStarted",
    "MediaStreamingStopped",
)


def and_still(it: Told) -> None:
    call, session = it.same(it.place("8:acs:res_eve"))
    it.stage.until(lambda: it.stage.call(call["id"])["connected_at"], "connected, whenever that is told")
    assert call["end_reason"]
    assert session["coverage"]["gap_ms"] == 0
    assert {person["raw_id"] for person in call["participants"]} <= {f"4:{it.number}", "8:acs:res_eve"}


for kind in ALL_ALONG:
    story(spoiled(kind, "twice"), name=f"{kind}_twice")(and_still)
    story(spoiled(kind, "delay", by="1s"), name=f"{kind}_late")(and_still)
    story(spoiled(kind, "swap", by="1s"), name=f"{kind}_after_the_next")(and_still)
    story(spoiled(kind, "lose"), name=f"{kind}_lost")(and_still)
for kind in ("CallConnected", "ParticipantsUpdated", "MediaStreamingStarted"):
    story(spoiled(kind, "before_reply", by="1s"), name=f"{kind}_before_the_answer")(and_still)
story(spoiled('"*"', "twice"), name="everything_twice")(and_still)
story(spoiled('"*"', "before_reply", by="1s"), name="everything_before_the_answer")(and_still)
story(spoiled('"*"', "batch"), name="everything_in_batches")(and_still)
story(spoiled('"*"', "single"), name="everything_in_no_array")(and_still)
story(spoiled('"*"', "old"), name="everything_as_in_2022")(and_still)


@story("rest: [{operation: create, status: 500, done: true, times: 0}]", name="answer_lost")
@story("rest: [{operation: create, status: 503, done: true, body: false, times: 0}]", name="answer_lost_and_empty")
def a_call_that_acs_placed_and_said_it_did_not(it: Told) -> None:
    refused = it.refused("/calls", {"to": [it.number]})
    assert refused.status == 502
    call = it.stage.until(lambda: it.stage.get("/calls?q=%2B" + it.number[1:])["items"], "the call")[0]
    it.same(call)


@story(spoiled("ParticipantsUpdated", "lose"), "leaves: 10m", long=True)
def people_of_whom_nothing_was_told(it: Told) -> None:
    """ACS is asked who is in it; and what makes no sense is refused in words."""
    call = it.connected()
    path = f"/calls/{call['id']}"
    it.stage.until(lambda: it.stage.call(call["id"])["participants"], "who is in it")
    assert [person["raw_id"] for person in it.stage.call(call["id"])["participants"]] == [f"4:{it.number}"]
    it.stage.until_session(call["id"], state="recording")
    assert it.refused(f"{path}/start-streaming").status == 409
    assert it.refused(f"{path}/participants", {"to": it.number}).status == 422
    assert it.refused(f"{path}/transfer", {"to": it.number}).status == 422
    it.stage.post(f"{path}/participants", {"to": "8:acs:stays_ida"})
    it.stage.until(lambda: len(it.stage.call(call["id"])["participants"]) == 2 or None, "both", 90)
    assert "Say who is transferred" in str(it.refused(f"{path}/transfer", {"to": "8:acs:stays_pia"}).detail)
    it.stage.post(f"{path}/hangup")
    it.stage.reached(call["id"], "ended")
    assert all(person["left_at"] for person in it.stage.call(call["id"])["participants"])
