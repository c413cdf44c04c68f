"""Calls that come in: they ring here until a person or a rule answers, rejects or redirects them, or they ring no
longer. A leg of our own call, which Event Grid announces like any other, is never answered by itself."""

import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from calls import acs
from calls.call_options import CallOptions
from calls.errors import AcsFailed, CallsError, UncallableTarget, WrongState
from calls.event_loop import db, spawn
from calls.identifiers import display_of, number_of, target_of
from calls.models import AnswerRule, Call, IncomingCall, Witness
from calls.services import placing
from calls.services.event_log import Entry, begin
from calls.signals import call_changed, incoming_changed
from calls.webhooks.event_grid import IncomingCall as Announced
from calls.webhooks.event_grid import Witness as Testimony

RINGS = timedelta(seconds=60)  # undocumented; answering later is refused by ACS (8586, 8587), and said so
OWN_LEG = timedelta(minutes=5)
STALE = timedelta(minutes=5)  # Event Grid tries for a day; less than this may be a wrong clock
RejectReason = Literal["none", "busy", "forbidden"]
State = IncomingCall.State
WHY_NOT = {
    State.ANSWERING: "somebody is answering, rejecting or redirecting the call.",
    State.ANSWERED: "the call is answered.",
    State.REJECTED: "the call is rejected.",
    State.REDIRECTED: "the call is redirected.",
    State.EXPIRED: "the call rang too long, and rings no longer.",
    State.GONE: "the caller gave up.",
    State.OWN: "the call is a leg of our own call.",
}


def take(announced: Announced) -> IncomingCall:
    """The row of an IncomingCall event, which may have come before: Event Grid sends again what was not answered."""
    now = timezone.now()
    row, made = IncomingCall.objects.get_or_create(
        event_id=announced.event_id,
        defaults={
            "from_raw_id": announced.from_raw,
            "to_raw_id": announced.to_raw,
            "display_name": announced.display_name[:200],
            "context": announced.incoming_call_context,
            "server_call_id": announced.server_call_id,
            "correlation_id": announced.correlation_id[:100],
            "received_at": now,
            "expires_at": now + RINGS,
            "state": _first_state(announced),
        },
    )
    if made:
        tell(row)
    return row


def _first_state(announced: Announced) -> State:
    if is_own_leg(announced):
        return State.OWN
    if announced.at and announced.at < timezone.now() - STALE:
        return State.EXPIRED
    ended = Witness.objects.filter(kind="CallEnded", correlation_id=announced.correlation_id)
    return State.GONE if announced.correlation_id and ended.exists() else State.RINGING


def is_own_leg(announced: Announced) -> bool:
    """Whether one of our own open calls rings there: we placed it to, added or transferred somebody to whom it goes; or
    we redirected it there."""
    open_calls = Call.objects.exclude(state__in=Call.OVER)
    if open_calls.filter(_same_conversation(announced)).exists():
        return True
    since = timezone.now() - OWN_LEG
    young = open_calls.filter(direction=Call.Direction.OUTBOUND, created_at__gte=since)  # it rings no longer after that
    if young.filter(to__contains=[display_of(announced.to_raw)]).exists():
        return True
    sent_on = Q(state=State.REDIRECTED) | Q(state=State.ANSWERING)  # ACS may tell of it before it answers us
    rang = IncomingCall.objects.filter(sent_on, correlation_id=announced.correlation_id, received_at__gte=since)
    if announced.correlation_id and rang.exclude(to_raw_id=announced.to_raw).exists():
        return True
    asked = Q(events__kind__in=("add_asked", "transfer_asked"), events__raw__who=announced.to_raw)
    return Call.objects.filter(asked, events__received_at__gte=since).exists()


def rule_for(to_raw_id: str) -> AnswerRule | None:
    """The rule of the called number or id, from the admin or from AUTO_ANSWER; `*` is for every call."""
    names = [to_raw_id, display_of(to_raw_id), number_of(to_raw_id), "*"]
    rules = {rule.called: rule for rule in AnswerRule.objects.filter(called__in=names, enabled=True)}
    found = next((rules[name] for name in names if name in rules), None)
    if found is None and {to_raw_id, f"4:{number_of(to_raw_id)}", *names} & _answered_always():
        return AnswerRule(called=display_of(to_raw_id), announce="")
    return found


def _answered_always() -> set[str]:
    """As AUTO_ANSWER says it, and the raw ids that it means; what means nobody is told of at the start."""
    found = set(settings.AUTO_ANSWER)
    for who in settings.AUTO_ANSWER:
        with suppress(UncallableTarget):
            found.add(target_of(who).raw_id)
    return found


def options_of(rule: AnswerRule) -> CallOptions:
    return CallOptions(
        channels="mixed" if rule.channels == "mixed" else "unmixed",
        sample_rate=rule.sample_rate,
        bidirectional=rule.bidirectional,
        dtmf=rule.dtmf,
        transcription_locale=rule.transcription_locale,
        announce=rule.announce or None,
        announcement_required=rule.announcement_required,
        then_add=tuple(rule.then_add),
    )


async def came(announced: Announced) -> None:
    """A call comes in: it rings, and is answered if a rule says so. Told again it may ring still, because this server
    was ended before the rule was followed; if not, whoever claims it first answers it."""
    row = await db(take, announced)
    if row.state != State.RINGING:
        return
    rule = await db(rule_for, row.to_raw_id)
    if rule:
        spawn(_by_rule(row, options_of(rule)), f"answering incoming call {row.pk}")


async def _by_rule(row: IncomingCall, options: CallOptions) -> None:
    try:
        await answer(row.pk, options, None)
    except CallsError as error:
        await db(_remark, row, f"Not answered by its rule. {error}")


def _remark(row: IncomingCall, why: str) -> None:
    """Where it rings on, for people to answer; else it says already what became of it."""
    if IncomingCall.objects.filter(pk=row.pk, state=State.RINGING).update(reason=why):
        row.reason = why
        tell(row)


async def answer(incoming_id: uuid.UUID, options: CallOptions, user: User | None) -> Call:
    """Answers it, announces, then adds. Raises WrongState, InvalidRequest, NotConfigured, AcsFailed."""
    await db(placing.check_options, options)
    row = await db(claim, incoming_id, State.ANSWERING, user)
    call = await db(_begin, row, options, user)
    try:
        answered = await placing.bring_about(call, lambda *how: acs.answer(row.context, *how))
    except BaseException as failed:
        await db(settle, row, State.RINGING if _may_try_again(failed) else State.GONE, user, str(failed), call)
        await db(_answered_after_all, call.pk)
        _tell_if_gone(failed)
        raise
    await db(settle, row, State.ANSWERED, user, "", call)
    await db(hear_of_call, None, await db(placing.call_of, call.pk))  # it may have failed by an event meanwhile
    return answered


def _may_try_again(failed: BaseException) -> bool:
    """ACS was out of reach, and the call may still ring; where it refused, it rings no longer."""
    return isinstance(failed, AcsFailed) and (
        failed.acs_status is None or failed.acs_status in {401, 408, 429, 500, 503}
    )


def _tell_if_gone(failed: BaseException) -> None:
    """A caller who gave up is no fault of ACS. Raises WrongState."""
    if isinstance(failed, AcsFailed) and (failed.acs_status == 404 or "incomingcallcontext" in failed.message.lower()):
        raise WrongState(what="This", why=f"the call rings no longer. {failed}") from failed


def _begin(row: IncomingCall, options: CallOptions, user: User | None) -> Call:
    call = placing.new_call(replace(options, display_name=row.display_name), user, Call.Direction.INBOUND)
    call.state = Call.State.RINGING
    call.to, call.from_id = [display_of(row.to_raw_id)], display_of(row.from_raw_id)
    call.correlation_id, call.server_call_id = row.correlation_id, row.server_call_id
    username = user.get_username() if user else ""
    text = f"answered by {username}" if user else f"answered by the rule for {call.to[0]}"
    begin(call, Entry("answering", "person" if user else "us", text, username=username))
    IncomingCall.objects.filter(pk=row.pk).update(call=call)
    return call


@receiver(call_changed)
def hear_of_call(sender: object, call: Call, **_: Any) -> None:
    if call.direction == Call.Direction.INBOUND and call.state == Call.State.CONNECTED:
        _answered_after_all(call.pk)
    elif call.direction == Call.Direction.INBOUND and call.state == Call.State.FAILED:
        for row in IncomingCall.objects.filter(call=call, state=State.ANSWERED):
            settle(row, State.GONE, row.decided_by, call.end_reason)


def _answered_after_all(call_id: uuid.UUID) -> None:
    """ACS's answer to ours was lost, or wrong: the call is connected, so it was answered."""
    connected = Call.objects.filter(pk=call_id, connected_at__isnull=False)
    unsettled = IncomingCall.objects.filter(call__in=connected, state__in=(State.RINGING, State.GONE, State.EXPIRED))
    for row in unsettled:
        settle(row, State.ANSWERED, row.decided_by, "", row.call)


async def reject(incoming_id: uuid.UUID, reason: RejectReason, user: User) -> IncomingCall:
    row = await db(claim, incoming_id, State.ANSWERING, user)
    try:
        await acs.reject(row.context, reason)
    except AcsFailed as failed:
        await db(settle, row, State.RINGING if _may_try_again(failed) else State.GONE, user, str(failed))
        _tell_if_gone(failed)
        raise
    return await db(settle, row, State.REJECTED, user, reason)


async def redirect(incoming_id: uuid.UUID, to: str, user: User) -> IncomingCall:
    row = await db(claim, incoming_id, State.ANSWERING, user)
    try:
        await acs.redirect(row.context, to)
    except AcsFailed as failed:
        await db(settle, row, State.RINGING if _may_try_again(failed) else State.GONE, user, str(failed))
        _tell_if_gone(failed)
        raise
    return await db(settle, row, State.REDIRECTED, user, f"to {display_of(to)}")


def claim(incoming_id: uuid.UUID, state: str, user: User | None) -> IncomingCall:
    """It is ours now: two who answer at once do not both ask ACS. Raises IncomingCall.DoesNotExist, WrongState."""
    with transaction.atomic():
        row = IncomingCall.objects.select_for_update().get(pk=incoming_id)
        if row.state != State.RINGING and not (row.state == State.OWN and user):
            raise WrongState(what="This", why=WHY_NOT[State(row.state)])
        row.state, row.decided_by = state, user
        row.save()
    return row


def settle(
    row: IncomingCall, state: str, user: User | None, reason: str = "", call: Call | None = None
) -> IncomingCall:
    row.state, row.reason, row.decided_by = state, reason, user
    row.decided_at = None if state == State.RINGING else timezone.now()
    row.call = call or row.call
    row.save()
    tell(row)
    return row


def tell(row: IncomingCall) -> None:
    incoming_changed.send_robust(IncomingCall, incoming=row)


def expire() -> None:
    """Once a second: what rings no longer, and what a process that died was answering."""
    now = timezone.now()
    ringing = Q(state=State.RINGING, expires_at__lte=now)
    abandoned = Q(state=State.ANSWERING, expires_at__lte=now - RINGS)
    for row in IncomingCall.objects.filter(ringing | abandoned).select_related("call")[:200]:
        state = State.ANSWERED if row.call and row.call.connected_at else State.EXPIRED
        if IncomingCall.objects.filter(pk=row.pk, state=row.state).update(state=state, decided_at=now):
            row.state = state
            tell(row)


def testify(said: Testimony) -> list[Call]:
    """CallStarted and CallEnded of Event Grid: kept as they are, and our open calls of that conversation, which are
    then asked about."""
    at = said.at or timezone.now()
    Witness.objects.get_or_create(
        event_id=said.event_id,
        defaults={
            "kind": said.kind,
            "at": at,
            "server_call_id": said.server_call_id,
            "correlation_id": said.correlation_id[:100],
            "duration_ms": said.duration_ms,
            "raw": said.raw,
        },
    )
    if said.kind != "CallEnded":
        return []
    same = _same_conversation(said)
    for row in IncomingCall.objects.filter(same, state=State.RINGING):
        settle(row, State.GONE, None, "the caller gave up")
    return list(Call.objects.exclude(state__in=Call.OVER).filter(same))


def _same_conversation(said: Testimony | Announced) -> Q:
    """By either of the ids that all legs of a conversation share: one of them may be missing, and the correlation id
    was seen to differ from that of the callbacks (ACS.md 5.2)."""
    same = Q(pk__in=[])
    for name in ("correlation_id", "server_call_id"):
        if value := getattr(said, name):
            same |= Q(**{name: value})
    return same
