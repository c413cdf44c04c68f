"""The events of a call as its page lists them, newest first, and what they say of people who were asked to join."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q

from calls.identifiers import display_of, raw_id_of
from calls.masking import masked
from calls.models import Call, CallEvent

LISTED = 200
LONGEST_RAW = 20_000
_UNCHANGED = Q(by=CallEvent.By.RECONCILER, old_state=F("new_state"))
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Line:
    row: CallEvent
    title: str
    raw: str

    @property
    def moved(self) -> bool:
        return self.row.old_state != self.row.new_state


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who was asked to join and has not; `refused`: why not, "" while it is open."""

    raw_id: str
    refused: str


def events_of(call: Call) -> list[CallEvent]:
    """The newest. That ACS was asked, and said what was known, is counted by `unchanged` and not listed."""
    return list(call.events.exclude(_UNCHANGED).order_by("-id")[:LISTED])


def unchanged(call: Call) -> int:
    return call.events.filter(_UNCHANGED).count()


def line(event: CallEvent) -> Line:
    raw = masked(json.dumps(event.raw, indent=2, ensure_ascii=False))[:LONGEST_RAW] if event.raw else ""
    return Line(event, title_of(event.kind), raw)


def title_of(kind: str) -> str:
    """CallConnected and add_asked: Call connected, Add asked."""
    words = " ".join(word if word.isupper() else word.lower() for word in _WORD.findall(kind))
    return f"{words[:1].upper()}{words[1:]}" or kind


def invited(events: Sequence[CallEvent], present: set[str]) -> list[Invited]:
    """`events` newest first; `present`: raw ids of those who are in the call."""
    found: dict[str, str] = {}
    last = ""
    here = {display_of(raw_id) for raw_id in present}
    for event in reversed(events):
        who = str(event.raw.get("who") or "") if event.kind == "add_asked" else raw_id_of(event.raw.get("participant"))
        if event.kind == "add_asked" and who:
            last, found[who] = who, ""
        elif event.kind in {"add_refused", "AddParticipantFailed"} and (named := _same(who or last, found)):
            found[named] = event.text or "ACS does not say why."
        elif event.kind == "AddParticipantSucceeded" and (named := _same(who, found)):
            del found[named]  # in the call, or has been
    return [Invited(raw_id, why) for raw_id, why in found.items() if display_of(raw_id) not in here]


def _same(who: str, known: dict[str, str]) -> str:
    return next((raw_id for raw_id in known if display_of(raw_id) == display_of(who)), "")
