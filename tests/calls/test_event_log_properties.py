"""Events in any order, twice or never, those of several calls in one delivery: what is known afterwards follows from
what was told, whatever the way it was told in."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls import acs
from calls.models import Call, CallEvent
from calls.services.applying import apply_events
from calls.services.event_log import Entry, begin, write
from calls.services.placing import _accepted
from calls.webhooks.events import Event, Result

ADA, BEN, CLEO = "4:+15550100", "8:acs:res_ben", "8:acs:res_cleo"
ENDED, BUSY, TRANSFERRED = Result(200, 7000, ""), Result(486, 560486, "Busy here."), Result(200, 7015, "")

ANSWERED = (
    "accepted",
    "people 1",
    "CallConnected",
    "MediaStreamingStarted",
    "people 2",
    "people 3",
    "CallDisconnected",
)
LIVES: dict[str, tuple[str, ...]] = {
    "answered": ANSWERED,
    "transferred": (*ANSWERED[:-1], "CallTransferAccepted", "CallDisconnected"),
    "busy": ("accepted", "CreateCallFailed", "CallDisconnected"),
}
PRESENT = {"people 1": {ADA}, "people 2": {ADA, BEN}, "people 3": {BEN}}


@dataclass
class Life:
    """A call, what ACS has to tell of it, and what of that was told."""

    kind: str
    call: Call = field(default_factory=lambda: Call(direction=Call.Direction.OUTBOUND, to=["+15550100"]))
    connection_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        begin(self.call, Entry("begun"))

    def event(self, step: str) -> Event:
        kind, _, number = step.partition(" ")
        data: dict[str, Any] = {}
        if number:
            people = [{"identifier": {"rawId": raw_id}} for raw_id in PRESENT[step]]
            kind, data = "ParticipantsUpdated", {"participants": people, "sequenceNumber": int(number)}
        if kind == "CallTransferAccepted":
            data = {"transferTarget": {"rawId": CLEO}}
        return Event(
            id=f"{self.connection_id} {step}",
            type=kind,
            at=datetime(2026, 11, 22, 12, tzinfo=UTC),
            call_connection_id=self.connection_id,
            server_call_id="",
            correlation_id="",
            operation_context=self.call.pk.hex,
            result=self._result(kind),
            data=data,
        )

    def _result(self, kind: str) -> Result | None:
        if kind in {"CreateCallFailed", "CallDisconnected"} and self.kind == "busy":
            return BUSY
        if kind == "CallDisconnected":
            return TRANSFERRED if self.kind == "transferred" else ENDED
        return None

    def accept(self) -> None:
        write(self.call.pk, _accepted(acs.Leg(self.connection_id, "", "", "", "")))

    @property
    def due(self) -> str:
        """The state that follows from what was told."""
        if "CreateCallFailed" in self.told:
            return "failed"
        if "CallDisconnected" in self.told:
            return "ended"
        if self.told & {"CallConnected", "MediaStreamingStarted"}:
            return "connected"
        return "ringing" if "accepted" in self.told else "placing"

    def check(self) -> None:
        call = Call.objects.get(pk=self.call.pk)
        assert call.state == self.due
        assert (call.ended_at is not None) == bool(call.end_reason) == (self.due in {"ended", "failed"})
        assert (call.connected_at is not None) == bool(self.told & {"CallConnected", "MediaStreamingStarted"})
        assert call.call_connection_id == (self.connection_id if self.told else "")
        by_transfer = {"CallTransferAccepted", "CallDisconnected"} <= self.told
        assert call.end_reason.startswith("Transferred to 8:acs:res_cleo") == by_transfer
        self._check_people(call)
        self._check_events(call)

    def _check_people(self, call: Call) -> None:
        present = set(call.participants.filter(left_at=None).values_list("raw_id", flat=True))
        newest = max(self.told & PRESENT.keys(), default="")
        assert present == (set() if call.is_over else PRESENT.get(newest, set()))

    def _check_events(self, call: Call) -> None:
        """Each once, and each begins where the one before it ended."""
        events = list(CallEvent.objects.filter(call=call).order_by("id"))
        names = [event.event_id.partition(" ")[2] for event in events if event.by == "acs"]
        assert sorted(names) == sorted(self.told - {"accepted"})
        states = [(event.old_state, event.new_state) for event in events]
        assert all(before[1] == after[0] for before, after in pairwise(states))


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[str], list[list[tuple[int, str]]]]:
    """The lives of some calls, and batches of their steps: (call, step)."""
    kinds = draw(st.lists(st.sampled_from(sorted(LIVES)), min_size=1, max_size=3))
    steps = [(number, step) for number, kind in enumerate(kinds) for step in LIVES[kind]]
    batch = st.lists(st.sampled_from(steps), min_size=1, max_size=5)
    return kinds, draw(st.lists(batch, max_size=12))


@pytest.mark.django_db
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=deliveries())
def test_it_knows_the_same_whatever_way_it_was_told(told: tuple[list[str], list[list[tuple[int, str]]]]) -> None:
    kinds, batches = told
    lives = [Life(kind) for kind in kinds]
    for batch in batches:
        tell(lives, batch)
    for life in lives:
        life.check()
    before = list(Call.objects.order_by("pk").values("pk", "state", "end_reason", "ended_at", "participants_sequence"))
    for batch in batches:
        tell(lives, [(number, step) for number, step in batch if step != "accepted"])
    after = list(Call.objects.order_by("pk").values("pk", "state", "end_reason", "ended_at", "participants_sequence"))
    assert after == before


def tell(lives: list[Life], batch: list[tuple[int, str]]) -> None:
    """To the address of the first call in it; what ACS answers to our own request comes by itself."""
    events = []
    for number, step in batch:
        lives[number].told.add(step)
        if step == "accepted":
            lives[number].accept()
        else:
            events.append(lives[number].event(step))
    apply_events(lives[batch[0][0]].call.pk if batch else uuid.uuid4(), events)
