"""What a scenario answers when it is asked."""

from pathlib import Path

from acs_emulator.scenario import Scenario

TEXT = """
seed: 3
participants:
  "+15550101": {answers: busy}
  "+15550102": {answers: 2s, leaves: 30s, presses: [{at: 1s, tones: "1#"}]}
  "8:acs:*": {answers: declined, says: []}
guests:
  - {who: "+15550199", joins: 5s, says: [{sound: cleo.ogg, text: "Cleo here"}]}
rest:
  - {operation: create, status: 503, skip: 1, times: 2}
  - {operation: "*", delay: 1s, chance: 0.5, times: 0}
events:
  - {type: CallConnected, do: twice}
"""


def loaded(tmp_path: Path) -> Scenario:
    (tmp_path / "x.yaml").write_text(TEXT)
    return Scenario.load(tmp_path / "x.yaml")


def test_it_knows_people_by_number_raw_id_and_pattern(tmp_path: Path) -> None:
    scenario = loaded(tmp_path)
    assert scenario.answer("4:+15550101") == "busy"
    assert scenario.answer("4:+15550101").after is None
    assert scenario.answer("4:+15550102").after == 2
    assert scenario.answer("8:acs:res_anybody") == "declined"
    assert scenario.answer("4:+15559999").after == 0.3
    assert scenario.leaves("4:+15550102") == 30
    assert scenario.presses("4:+15550102") == [(1, "1"), (1.25, "#")]
    assert scenario.voice("4:+15550199").utterances[0].text == "Cleo here"


def test_calls_with_somebody_go_wrong_in_their_own_way(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("""
stream: {silence: missing}
rest: [{operation: create, status: 503, times: 0}]
events: [{type: CallConnected, do: lose, times: 0}]
calls:
  "+15550101": {stream: {messages: "1"}, events: [{type: CallConnected, do: twice}]}
  "group-*": {rest: []}
""")
    scenario = Scenario.load(tmp_path / "x.yaml")
    ada, group = ["4:+15550100", "4:+15550101"], ["group-7"]
    assert [(scenario.stream(who).silence, scenario.stream(who).messages) for who in ((), ada, group)] == [
        ("missing", "2"),
        ("flagged", "1"),
        ("missing", "2"),
    ]
    assert [scenario.rest_fault("create", who) is None for who in ((), ada, group)] == [False, False, True]
    found = [scenario.event_fault("CallConnected", ada) for _ in range(2)]
    assert [fault.do if fault else None for fault in found] == ["twice", None]
    assert [fault.do for who in ((), group) if (fault := scenario.event_fault("CallConnected", who))] == ["lose"] * 2


def test_everybody_else_has_a_voice_of_their_own() -> None:
    scenario = Scenario()
    voices = [scenario.voice(f"4:+1555000{number}") for number in range(3)]
    frames = {b"".join(voice.frame(number, 16_000) for number in range(400)) for voice in voices}
    assert len(frames) == 3
    assert all(any(lane) for lane in frames)


def test_who_says_nothing_is_silent(tmp_path: Path) -> None:
    voice = loaded(tmp_path).voice("8:acs:res_x")
    assert voice.frame(0, 16_000) == bytes(640)
    assert voice.frame(10_000, 24_000) == bytes(960)


def test_it_counts_requests(tmp_path: Path) -> None:
    scenario = loaded(tmp_path)
    statuses = [fault.status if (fault := scenario.rest_fault("create")) else None for _ in range(5)]
    assert statuses[1:3] == [503, 503]
    assert 503 not in (statuses[0], *statuses[3:])


def test_it_counts_events(tmp_path: Path) -> None:
    scenario = loaded(tmp_path)
    first = scenario.event_fault("Microsoft.Communication.CallConnected")
    assert first
    assert first.do == "twice"
    assert scenario.event_fault("CallConnected") is None
    assert scenario.event_fault("CallDisconnected") is None


def test_the_same_seed_decides_the_same(tmp_path: Path) -> None:
    def run() -> list[bool]:
        scenario = loaded(tmp_path)
        return [scenario.rest_fault("play") is not None for _ in range(40)]

    assert run() == run()
    assert len(set(run())) == 2


def test_an_event_overtakes_only_the_answer_that_causes_it(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("events: [{type: CallConnected, do: before_reply, skip: 1, by: 3s}]")
    scenario = Scenario.load(tmp_path / "x.yaml")
    assert scenario.overtakes("create") is None, "the first one passes"
    assert scenario.event_fault("CallConnected") is None
    assert scenario.overtakes("mute") is None
    assert scenario.overtakes("get") is None
    assert (fault := scenario.overtakes("create"))
    assert float(fault.by) == 3
    assert scenario.event_fault("CallConnected") is fault
    assert scenario.overtakes("create") is None
