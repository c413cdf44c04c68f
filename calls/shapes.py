"""From rows of calls to the JSON of the REST API. Asks the database a fixed number of questions, however long the
list."""

from collections import defaultdict
from collections.abc import Sequence
from typing import cast
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from calls.identifiers import display_of, kind_of
from calls.models import Call, CallEvent, CallParticipant, IncomingCall, Person
from calls.schemas import CallEventShape, CallShape, InCall, IncomingShape, PersonShape
from calls.services.naming import names_of


def whole(calls: QuerySet[Call]) -> QuerySet[Call]:
    """With everything that call_shapes reads."""
    sessions = Call._meta.get_field("sessions").related_model._default_manager.only("id", "call_id", "started_at")
    return calls.select_related("created_by").prefetch_related(
        "participants", Prefetch("sessions", queryset=sessions.order_by("-started_at"))
    )


def call_shapes(calls: Sequence[Call]) -> list[CallShape]:
    """`calls` come from whole()."""
    related = _related(calls)
    names = names_of(person.raw_id for call in calls for person in call.participants.all())
    return [_call(call, related[call.correlation_id], names) for call in calls]


def call_shape(call_id: UUID, warning: str | None = None) -> CallShape:
    """Raises Call.DoesNotExist."""
    shape = call_shapes([whole(Call.objects.all()).get(pk=call_id)])[0]
    shape.warning = warning
    return shape


def _related(calls: Sequence[Call]) -> dict[str, list[UUID]]:
    """The legs of each conversation; both sides of a call share a correlation id (ACS.md 5.2)."""
    found: dict[str, list[UUID]] = defaultdict(list)
    if wanted := {call.correlation_id for call in calls} - {""}:
        for correlation_id, call_id in Call.objects.filter(correlation_id__in=wanted).values_list(
            "correlation_id", "pk"
        ):
            found[correlation_id].append(call_id)
    return found


def _call(call: Call, related: list[UUID], names: dict[str, str]) -> CallShape:
    sessions = list(call.sessions.all())
    return CallShape(
        id=call.pk,
        direction=Call.Direction(call.direction),
        state=Call.State(call.state),
        to=[str(callee) for callee in call.to],
        from_=call.from_id or None,
        display_name=call.display_name,
        call_connection_id=call.call_connection_id or None,
        correlation_id=call.correlation_id or None,
        channels="mixed" if call.channels == "mixed" else "unmixed",
        sample_rate=call.sample_rate,
        created_at=call.created_at,
        connected_at=call.connected_at,
        ended_at=call.ended_at,
        end_code=call.end_code,
        end_subcode=call.end_subcode,
        end_reason=call.end_reason if call.is_over else "",
        transferred_to=display_of(call.transferred_to) or None,
        session_id=sessions[0].pk if sessions else None,
        related=[other for other in related if other != call.pk],
        created_by=call.created_by.get_username() if call.created_by else None,
        note=call.note,
        streaming=call.streaming_wanted and not call.is_over,
        streaming_trouble=call.streaming_trouble,
        announcement=announcement_of(call),
        announced_at=call.announced_at,
        participants=[_in_call(person, names) for person in call.participants.all()],
    )


def announcement_of(call: Call) -> Call.Announcement:
    """What is still to be announced when a call is over, is not announced any more."""
    still = call.announcement in {Call.Announcement.WAITING, Call.Announcement.PLAYING}
    return Call.Announcement.FAILED if call.is_over and still else Call.Announcement(call.announcement)


def _in_call(person: CallParticipant, names: dict[str, str]) -> InCall:
    return InCall(
        id=person.pk,
        raw_id=person.raw_id,
        label=names.get(person.raw_id) or person.name or display_of(person.raw_id),
        muted=person.is_muted,
        on_hold=person.is_on_hold,
        joined_at=person.joined_at,
        left_at=person.left_at,
    )


def event_shape(event: CallEvent) -> CallEventShape:
    return CallEventShape(
        id=event.pk,
        at=event.at,
        received_at=event.received_at,
        kind=event.kind,
        by=CallEvent.By(event.by),
        username=event.username or None,
        old_state=Call.State(event.old_state),
        new_state=Call.State(event.new_state),
        text=event.text,
        raw=cast("dict[str, object]", event.raw),
    )


def incoming_shape(incoming: IncomingCall) -> IncomingShape:
    return IncomingShape(
        id=incoming.pk,
        state=IncomingCall.State(incoming.state),
        from_=display_of(incoming.from_raw_id),
        to=display_of(incoming.to_raw_id),
        display_name=incoming.display_name,
        correlation_id=incoming.correlation_id or None,
        received_at=incoming.received_at,
        expires_at=incoming.expires_at,
        decided_at=incoming.decided_at,
        decided_by=incoming.decided_by.get_username() if incoming.decided_by else None,
        reason=incoming.reason,
        call_id=incoming.call_id,
    )


def person_shape(person: Person) -> PersonShape:
    return PersonShape(
        raw_id=person.raw_id,
        name=person.name,
        kind=kind_of(person.raw_id),
        changed_at=person.changed_at,
        changed_by=person.changed_by.get_username() if person.changed_by else None,
    )
