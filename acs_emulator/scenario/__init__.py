"""The scenario: a YAML file of who answers, who says what and what goes wrong. `Scenario.load(path)`, then ask it."""

from acs_emulator.scenario.decisions import Scenario
from acs_emulator.scenario.reading import parse_fault
from acs_emulator.scenario.schema import Answer, EventFault, Guest, Incoming, Person, RestFault, StreamFault

__all__ = [
    "Answer",
    "EventFault",
    "Guest",
    "Incoming",
    "Person",
    "RestFault",
    "Scenario",
    "StreamFault",
    "parse_fault",
]
