"""Calls come about: placed, joined, answered. The row first, then ACS is asked; what it answers is written down. Its
events may come before its answer, and find the row."""

import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from calls import acs, signed_urls
from calls.call_options import CallOptions, Joining, Placing
from calls.errors import AcsFailed, InvalidRequest, NotConfigured
from calls.event_loop import db, spawn
from calls.identifiers import display_of
from calls.lifecycle import Trigger
from calls.log_context import about
from calls.models import Call
from calls.services import announcing, due
from calls.services.caller_id import own_number
from calls.services.event_log import Entry, begin, write

LOCALE_NEEDS = "Transcription needs ACS_COGNITIVE_ENDPOINT (an Azure AI services resource), which is unset."
LOCALE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,2}")
NO_CALLER_ID = "Telephones can be called only from a number of the resource: set ACS_CALLER_ID, or give 'from'."
Ask = Callable[[str, str, acs.Streaming], Awaitable[acs.Leg]]


def check_options(options: CallOptions) -> None:
    """Raises InvalidRequest, or NotConfigured. Asks the database."""
    if not acs.is_configured():
        raise NotConfigured
    check_locale(options.transcription_locale)
    announcing.check(announcing.announcement_of(options.announce))


def check_locale(locale: str) -> None:
    """Raises InvalidRequest where a call could not be transcribed so."""
    if locale and not (LOCALE.fullmatch(locale) and len(locale) <= Call.LONGEST_LOCALE):
        raise InvalidRequest(f"{locale[:40]!r} is no language like en-US or de-DE.", "transcription_locale")
    if locale and not settings.ACS_COGNITIVE_ENDPOINT:
        raise InvalidRequest(LOCALE_NEEDS, "transcription_locale")


def begin_placing(placing: Placing, user: User | None) -> Call:
    """The row of a call that is about to be placed. Raises InvalidRequest, NotConfigured."""
    check_options(placing.options)
    caller_id = placing.caller_id or own_number()
    if not caller_id and any(raw_id.startswith("4:") for raw_id in placing.to):
        raise InvalidRequest(NO_CALLER_ID, "from")
    call = new_call(placing.options, user, Call.Direction.OUTBOUND)
    call.to, call.from_id = [display_of(raw_id) for raw_id in placing.to], display_of(caller_id)
    return begin(call, _begun(user, f"calling {', '.join(call.to)}"))


async def place(call: Call, placing: Placing) -> Call:
    """Asks ACS to place it. Raises AcsFailed; the call has failed then, and says so."""
    caller_id = placing.caller_id or own_number()

    def ask(callbacks: str, context: str, streaming: acs.Streaming) -> Awaitable[acs.Leg]:
        return acs.create(
            placing.to, callbacks, context, streaming, caller_id=caller_id, display_name=placing.options.display_name
        )

    return await bring_about(call, ask)


def begin_joining(joining: Joining, user: User | None) -> Call:
    check_options(joining.options)
    call = new_call(joining.options, user, Call.Direction.JOINED)
    call.to = [joining.id] if joining.place != "server_call_id" else []
    call.server_call_id = joining.id if joining.place == "server_call_id" else ""
    return begin(call, _begun(user, f"joining {joining.place.replace('_', ' ')} {joining.id[:40]}"))


async def join(call: Call, joining: Joining) -> Call:
    return await bring_about(call, lambda *how: acs.connect({joining.place: joining.id}, *how))


def new_call(options: CallOptions, user: User | None, direction: Call.Direction) -> Call:
    """Not saved yet."""
    announce = announcing.announcement_of(options.announce)
    return Call(
        direction=direction,
        channels=options.channels,
        sample_rate=options.sample_rate,
        bidirectional=options.bidirectional,
        dtmf=options.dtmf,
        transcription_locale=options.transcription_locale,
        streaming_wanted=options.start_streaming,
        announce=announce,
        announcement=Call.Announcement.WAITING if announce else Call.Announcement.NONE,
        announcement_required=options.announcement_required,
        then_add=list(options.then_add),
        note=options.note,
        display_name=options.display_name,
        created_by=user,
    )


async def bring_about(call: Call, ask: Ask) -> Call:
    """Asks ACS by `ask(callbacks, context, streaming)`, and writes down what it answers."""
    try:
        with about(call=call.pk):
            leg = await ask(signed_urls.callback_url(call.pk), call.pk.hex, streaming_of(call))
    except AcsFailed as failed:
        failed.call_id = call.pk
        await db(write, call.pk, _refused(failed))
        raise
    except BaseException:
        await db(write, call.pk, _refused(AcsFailed("An error of this server: its log says more.")))
        raise
    accepted = await db(write, call.pk, _accepted(leg)) or call
    if accepted.state == Call.State.DISCONNECTING:  # somebody hung up while it was being placed
        spawn(acs.hang_up(leg.call_connection_id, True), f"hanging up call {call.pk}")
    spawn(due.advance(call.pk), f"what is due on call {call.pk}")
    return accepted


def streaming_of(call: Call) -> acs.Streaming:
    """With an announcement, streaming starts when that was heard."""
    start = call.streaming_wanted and call.announcement == Call.Announcement.NONE
    return acs.Streaming(
        signed_urls.media_url(call.pk),
        call.channels,
        call.sample_rate,
        start,
        call.bidirectional,
        call.dtmf,
        call.transcription_locale,
    )


def _begun(user: User | None, text: str) -> Entry:
    return Entry("begun", "person" if user else "us", text, username=user.get_username() if user else "")


def _accepted(leg: acs.Leg) -> Entry:
    changes: dict[str, Any] = {
        name: value
        for name in ("call_connection_id", "server_call_id", "correlation_id")
        if (value := getattr(leg, name))
    }
    return Entry("accepted", by="us", text="ACS took the request", trigger=Trigger.ACCEPTED, changes=changes)


def _refused(failed: AcsFailed) -> Entry:
    raw = {"status": failed.acs_status, "code": failed.code, "message": failed.message}
    sub_code = int(failed.code) if failed.code.isdecimal() and len(failed.code) < 9 else None
    return Entry(
        "refused",
        text=str(failed),
        trigger=Trigger.REFUSED,
        reason=str(failed),
        raw=raw,
        code=failed.acs_status,
        sub_code=sub_code,
    )


def call_of(call_id: uuid.UUID) -> Call:
    """Raises Call.DoesNotExist."""
    return Call.objects.get(pk=call_id)
