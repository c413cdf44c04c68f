"""What can be done with a call in its present state: only that is offered. Pure but for the settings it is told."""

from calls.models import Call, CallParticipant

State = Call.State
STILL_ANNOUNCING = {Call.Announcement.WAITING, Call.Announcement.PLAYING}


def possible(call: Call, may_control: bool, anybody: bool) -> frozenset[str]:
    """`anybody`: whether somebody is in the call whom keys could be sent to."""
    if not may_control or call.is_over:
        return frozenset()
    can = {"hangup"}
    if call.state == State.CONNECTED and call.call_connection_id:
        can |= {"leave", "add", "transfer", "play"} | ({"keys"} if anybody else set())
        can |= _streaming(call)
    return frozenset(can)


def _streaming(call: Call) -> set[str]:
    if call.announcement in STILL_ANNOUNCING:
        return set()
    if not call.streaming_wanted:
        return {"start-streaming"}
    lost = bool(call.streaming_trouble) or call.streaming in {Call.Streaming.FAILED, Call.Streaming.STOPPED}
    return {"stop-streaming", "start-streaming"} if lost else {"stop-streaming"}


def possible_with(person: CallParticipant, can: frozenset[str]) -> tuple[str, ...]:
    """Actions with somebody who is in the call, in the order in which they are offered."""
    if "add" not in can or person.left_at:
        return ()
    return (*silencing(person.is_muted, person.is_on_hold), "remove")


def silencing(is_muted: bool, is_on_hold: bool) -> tuple[str, ...]:
    """Of those, the ones that decide who hears whom."""
    mute = () if is_muted else ("mute",)
    return (*mute, "unhold" if is_on_hold else "hold")
