"""A call's state in words, and since when: what is pending is named, never just waited for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max
from django.utils import timezone

from calls.humanize import age, span
from calls.models import Call, CallEvent
from calls.services import announcing

State, Announcement = Call.State, Call.Announcement
PENDING = {
    State.PLACING: "ACS is asked to place it, and has not answered yet.",
    State.RINGING: "ACS has taken the request; nobody has answered yet.",
    State.DISCONNECTING: "ACS was asked to hang up, and has not said yet that the call is over.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`tone`: of `sound`: good, wait, warn or quiet."""

    since: datetime
    age: str
    lasted: str
    pending: str
    sound: str
    tone: str


def turns(calls: Iterable[Call]) -> dict[object, datetime]:
    """When the calls that have no column for it came into their state."""
    moving = [call.pk for call in calls if call.state in {State.RINGING, State.DISCONNECTING}]
    if not moving:
        return {}
    changes = CallEvent.objects.filter(call__in=moving).exclude(old_state=F("new_state"))
    return dict(changes.values_list("call_id").annotate(Max("at")).order_by())


def standing(call: Call, turned: dict[object, datetime]) -> Standing:
    now = timezone.now()
    since = call.ended_at or turned.get(call.pk)
    since = since or (call.connected_at if call.state == State.CONNECTED else None) or call.created_at
    tone, sound = sound_of(call)
    lasted = span((call.ended_at or now) - call.connected_at) if call.connected_at else ""
    return Standing(since, age(now - since), lasted, PENDING.get(State(call.state), ""), sound, tone)


def sound_of(call: Call) -> tuple[str, str]:
    """How it stands with the recording, by what is known of the stream; the evidence stands in the session."""
    if call.state != State.CONNECTED:
        return "quiet", ""
    if call.streaming_trouble:
        return "warn", call.streaming_trouble
    if call.announcement == Announcement.WAITING:
        return "wait", "To be announced; recording begins after that."
    if call.announcement == Announcement.PLAYING:
        return "wait", "Is being announced; recording begins after that."
    if not call.streaming_wanted:
        by = f" by {call.streaming_stopped_by}" if call.streaming_stopped_by else ""
        return "warn", f"Not recorded: streaming was stopped{by}." if by else "Not recorded: streaming is not started."
    if call.streaming == Call.Streaming.STARTED:
        return "good", "ACS streams the sound to this server."
    return "wait", "Streaming was asked for; ACS has not said yet that it streams."


def announced(call: Call) -> str:
    """announced at 0:03; "" where there is nothing to say."""
    if call.announcement == Announcement.NONE:
        return ""
    if call.is_over and call.announcement in {Announcement.WAITING, Announcement.PLAYING}:
        return "not announced: the call ended before"
    done = call.announcement == Announcement.DONE
    return announcing.announced(call) if done else str(call.get_announcement_display())
