"""What recordings hear of calls: a new call has a session that waits for its sound, names label its lanes."""

from typing import Any

from django.dispatch import receiver

from calls.event_loop import db, spawn
from calls.models import Call
from calls.signals import call_changed, incoming_changed, participants_changed, people_changed
from media import running
from media.live.hub import look_soon
from media.models import StreamSession
from media.sessions import labels
from media.sessions.evidence import NO_SOCKET
from media.sessions.identity import session_of_call
from media.sessions.titles import label_of

SOON = 2_000  # lanes


@receiver(call_changed)
def await_sound(sender: object, call: Call, created: bool, **_: Any) -> None:
    """The session of a call exists from the beginning, under the id that its socket will prove."""
    if created:
        waiting = StreamSession(
            id=session_of_call(call.pk), call=call, label=label_of(call), started_at=call.created_at, reason=NO_SOCKET
        )
        StreamSession.objects.bulk_create([waiting], ignore_conflicts=True)
    done = StreamSession.objects.filter(call=call, live=False)
    if call.is_over:  # what only becomes known of its end when the session is final
        done.exclude(reason__startswith=call.end_reason).update(live=True)
    else:  # it had failed, as far as was known, and has come about after all
        done.filter(connections=None).update(live=True)
    for name in ("call_connection_id", "correlation_id"):
        if value := getattr(call, name):
            StreamSession.objects.filter(call=call).exclude(**{name: value}).update(**{name: value})


@receiver(call_changed)
def give_back_its_place(sender: object, call: Call, **_: Any) -> None:
    """While processes are replaced one waits for the streams that the other has closed: not for this one's any more. A
    call that failed may come about yet."""
    here = running.current()
    if here and call.state == Call.State.ENDED:
        here.ingest.give_back_place(session_of_call(call.pk))


@receiver(participants_changed)
def name_participants(sender: object, call: Call, **_: Any) -> None:
    labels.name_lanes(list(StreamSession.objects.filter(call=call).values_list("pk", flat=True)))


@receiver(people_changed)
def rename_people(sender: object, raw_ids: list[str], **_: Any) -> None:
    """Whoever named them waits for the first lanes; where there are more, they follow on the event loop of calls."""
    if labels.rename(raw_ids, SOON):
        spawn(db(labels.rename, raw_ids), f"naming the lanes of {len(raw_ids)} people")


@receiver((call_changed, incoming_changed, participants_changed, people_changed))
def show(sender: object, **_: Any) -> None:
    """Whoever watches sees it at once, and not after the second that the board would need by itself."""
    look_soon()
