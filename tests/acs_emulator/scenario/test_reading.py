"""Scenario files: what they may say, and one clear sentence for what they may not."""

from pathlib import Path

import pytest

from acs_emulator.errors import BadScenario
from acs_emulator.rest.operations import ROUTES
from acs_emulator.scenario import Scenario, parse_fault
from acs_emulator.scenario.decisions import SHIPPED
from acs_emulator.scenario.names import CAUSES, EVENTS, OPERATIONS
from acs_emulator.scenario.reading import parse

DOES = "stall, drop_socket, duplicate, reorder, late, lose, clock_jump, halve, fragment, binary, damage, send"


def test_it_reads_times_in_every_unit() -> None:
    text = 'participants: {"*": {leaves: %s}}'
    asked = {unit: parse(text % unit, "x").participants["*"].leaves for unit in ("2s", "500ms", "1.5m", "1h", "3")}
    assert asked == {"2s": 2, "500ms": 0.5, "1.5m": 90, "1h": 3600, "3": 3}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("titel: x", "a.yaml, line 1: unknown key 'titel'"),
        (
            'participants:\n  "+1555":\n    answerz: 2s',
            "a.yaml, line 3: unknown key 'answerz' in participants[...]",
        ),
        (
            "stream:\n  faults:\n    - do: stall\n      att: 3",
            "a.yaml, line 4: unknown key 'att' in stream.faults[0]",
        ),
        (
            'stream:\n  faults:\n    - {do: stall, lane: "+1555"}',
            "a.yaml, line 3: unknown key 'lane' in stream.faults[0]",
        ),
        ("stream:\n  faults:\n    - do: stal", "a.yaml, line 3: stream.faults[0].do: 'stal' is none of " + DOES),
        ("stream:\n  faults:\n    - at: 3", "a.yaml, line 3: stream.faults[0]: the key 'do' is missing"),
        (
            "stream:\n  redial: 5q",
            "a.yaml, line 2: stream.redial: '5q' is no duration: write 2s, 500ms or 1m or never",
        ),
        ("title: [", "a.yaml, line 1: this is no YAML (expected the node content, but found '<stream end>')"),
        ("- 1", "a.yaml, line 1: a scenario is `key: value` pairs (expected `key: value` pairs, got a list)"),
        ("seed: 1\nrest: []\nrest: []", "a.yaml, line 3: the key 'rest' is twice"),
        ("stream: {silence: none}", "a.yaml, line 1: stream.silence: 'none' is none of flagged, missing, empty"),
        (
            "stream: {faults: [{do: damage, how: bad}]}",
            "a.yaml, line 1: stream.faults[0].how: 'bad' is none of "
            "drop_socket: close, abort, half, vanish; damage: json, base64, odd, nothing, stamp",
        ),
        (
            "stream: {messages: 2}",
            "a.yaml, line 1: stream.messages: expected a text, got a whole number: write it in quotes",
        ),
        (
            "calls: {1555: {stream: {}}}",
            'a.yaml, line 1: calls: write the number in quotes: "1555"',
        ),
        (
            'calls:\n  "+1555":\n    rest: [{operation: creat}]',
            "a.yaml, line 3: operation: there is no 'creat', but " + ", ".join(OPERATIONS),
        ),
        ("events: [{do: twice, times: -1}]", "a.yaml, line 1: events[0].times: at least 0 is possible"),
        ("rest: [{status: 999}]", "a.yaml, line 1: rest[0].status: at most 599 is possible"),
        ("events: [{do: delay, by: -1s}]", "a.yaml, line 1: events[0].by: '-1s' is negative"),
        ("stream: {jitter: .inf}", "a.yaml, line 1: stream.jitter: inf is no duration: write 2s, 500ms or 1m"),
        (
            'participants: {"*": {presses: [{at: 1s, tones: xyz}]}}',
            "a.yaml, line 1: participants[...].presses[0].tones: keys are 0 to 9, *, #, a to d",
        ),
        (
            "participants:\n  +15550100: {answers: 2s}",
            'a.yaml, line 2: participants: write the number in quotes: "+15550100"',
        ),
    ],
)
def test_it_names_key_and_line(text: str, sentence: str) -> None:
    with pytest.raises(BadScenario) as wrong:
        parse(text, "a.yaml")
    assert str(wrong.value) == sentence


def test_a_clock_may_be_slow() -> None:
    assert float(parse("clock: -90s\nstream: {faults: [{do: clock_jump, by: -1h}]}", "x").clock) == -90


def test_it_names_a_sound_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    (tmp_path / "letter.wav").write_text("dear sirs")
    for sound, why in (("letter.wav", "cannot be played: format"), ("missing.wav", "there is no ")):
        path.write_text(f'participants:\n  "*":\n    says:\n      - sound: {sound}\n')
        with pytest.raises(BadScenario) as wrong:
            Scenario.load(path)
        assert str(wrong.value).startswith("mine.yaml, line 4: sound: ")
        assert sound in str(wrong.value)
        assert why in str(wrong.value).lower()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rest:\n  - status: 500\n    operation: creat", "line 3: operation: there is no 'creat', but create, answer"),
        ("events:\n  - type: Connected\n    do: lose", "line 2: type: there is no 'Connected', but AddParticipant"),
    ],
)
def test_it_names_an_operation_or_event_that_does_not_exist(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(BadScenario, match=sentence):
        Scenario.load(path)


def test_it_knows_every_operation() -> None:
    assert [route.name for route in ROUTES] == list(OPERATIONS)
    assert set(CAUSES) < set(OPERATIONS)
    assert {event for events in CAUSES.values() for event in events} < set(EVENTS)


def test_it_lists_what_is_shipped_for_an_unknown_name() -> None:
    with pytest.raises(BadScenario, match="Shipped scenarios: bad-day, bad-line, quiet-office"):
        Scenario.load("no-such-scenario")


@pytest.mark.parametrize("path", sorted((SHIPPED / "scenarios").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_loads(path: Path) -> None:
    assert Scenario.load(path.stem).title


def test_a_fault_of_the_control_api_is_read_the_same_way() -> None:
    assert parse_fault({"do": "late", "by": "100ms"}).by == 0.1  # type: ignore[union-attr]
    with pytest.raises(BadScenario, match="the fault: unknown key 'bye'"):
        parse_fault({"do": "late", "bye": 1})
