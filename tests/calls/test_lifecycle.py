"""The law of a call: every state meets every trigger, in any order."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.lifecycle import OVER, STATES, TABLE, State, Trigger, following
from calls.models import Call

T = Trigger


def after(*triggers: Trigger, state: State = "placing") -> State:
    for trigger in triggers:
        state = following(state, trigger)
    return state


def test_its_table_is_total_and_knows_the_models_states() -> None:
    assert set(TABLE) == {(state, trigger) for state in STATES for trigger in Trigger}
    assert set(TABLE.values()) <= set(STATES) == set(Call.State.values)
    assert set(OVER) == set(Call.OVER)


def test_it_lives_the_usual_life() -> None:
    assert after(T.ACCEPTED) == "ringing"
    assert after(T.ACCEPTED, T.CONNECTED) == "connected"
    assert after(T.ACCEPTED, T.CONNECTED, T.HANG_UP_ASKED) == "disconnecting"
    assert after(T.ACCEPTED, T.CONNECTED, T.HANG_UP_ASKED, T.DISCONNECTED) == "ended"


def test_an_event_before_the_answer_of_our_own_request_is_no_matter() -> None:
    assert after(T.CONNECTED, T.ACCEPTED) == "connected"
    assert after(T.NOT_CONNECTED, T.ACCEPTED) == "failed"


@pytest.mark.parametrize("order", list(permutations((T.ACCEPTED, T.CONNECTED, T.DISCONNECTED))))
def test_in_any_order_a_call_that_ended_has_ended(order: tuple[Trigger, ...]) -> None:
    assert after(*order) == "ended"


@pytest.mark.parametrize("order", list(permutations((T.ACCEPTED, T.NOT_CONNECTED, T.DISCONNECTED))))
def test_in_any_order_a_call_that_never_came_about_has_failed(order: tuple[Trigger, ...]) -> None:
    assert after(*order) == "failed"


def test_an_answer_that_was_lost_does_not_lose_the_call() -> None:
    assert after(T.REFUSED, T.CONNECTED) == "connected"
    assert after(T.CONNECTED, T.REFUSED) == "connected"


def test_what_is_asked_twice_is_asked_once() -> None:
    for state in STATES:
        for trigger in Trigger:
            once = following(state, trigger)
            # The same event never counts twice (its id); two that say "never came about" after a hang-up might.
            assert following(once, trigger) == once or (state, trigger) == ("disconnecting", T.NOT_CONNECTED)


def test_a_trigger_of_no_consequence_changes_nothing() -> None:
    assert all(following(state, None) == state for state in STATES)


@given(st.lists(st.sampled_from(list(Trigger))))
def test_it_never_rings_again_and_never_lives_again_once_ended(triggers: list[Trigger]) -> None:
    state: State = "placing"
    seen: list[State] = [state]
    for trigger in triggers:
        state = following(state, trigger)
        seen.append(state)
    if "ended" in seen:
        # only evidence that it is connected after all brings back a call that was taken for failed
        later = seen[seen.index("ended") :]
        until_then = later[: later.index("connected")] if "connected" in later else later
        assert set(until_then) <= {"ended", "failed"}
        assert "connected" not in later or "failed" in until_then
    if "connected" in seen:
        assert "ringing" not in seen[seen.index("connected") :]
