"""What can be done with a call that runs. Each asks ACS, and writes down who asked and what ACS answered. Raises
WrongState (not in this state), UnknownParticipant, InvalidRequest, AcsFailed."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Sequence
from typing import Any

from calls import acs
from calls.errors import AcsFailed, InvalidRequest, UnknownParticipant, WrongState
from calls.event_loop import db
from calls.identifiers import display_of
from calls.lifecycle import Trigger
from calls.log_context import of_call
from calls.models import Call, CallParticipant
from calls.services import announcing, due
from calls.services.caller_id import own_number
from calls.services.event_log import Entry, write

TRANSFER_ENDS = (
    "A transfer takes this server out of the call, and the recording ends with it. To go on recording, add the other "
    "side and leave later."
)
TRANSFER_OF_ONE = (
    "In this call are several: one of them is connected with the other side, the rest stay, and the recording of these "
    "goes on."
)
TONES = re.compile(r"[0-9a-dA-D*#]{1,50}")


@of_call
async def hang_up(call_id: uuid.UUID, username: str, for_everyone: bool = True) -> Call:
    """Ends the call for everybody, or (for_everyone=False) takes only this server out of it, and the recording ends."""
    call = await db(find, call_id)
    if call.is_over:
        raise WrongState(what="Hanging up", why=f"the call is over. {call.end_reason}".strip())
    reason = f"{username} hung up." if for_everyone else f"{username} took this server out of the call."
    asked = Entry(
        "hang_up_asked",
        "person",
        reason,
        Trigger.HANG_UP_ASKED,
        username=username,
        raw={"for_everyone": for_everyone},
        changes={"end_reason": reason, "streaming_next_at": None},
    )
    written = await db(write, call_id, asked)
    if written and written.call_connection_id:
        await hang_up_at_acs(written, for_everyone)
    return await db(find, call_id)


async def hang_up_at_acs(call: Call, for_everyone: bool = True) -> None:
    """Where ACS knows the call no longer, that is its end."""
    try:
        await acs.hang_up(call.call_connection_id, for_everyone)
    except AcsFailed as failed:
        if failed.acs_status != 404:
            raise
        await db(write, call.pk, Entry("gone", text="ACS knows this call no longer", trigger=Trigger.GONE))


@of_call
async def start_streaming(call_id: uuid.UUID, username: str) -> Call:
    call = await connected(call_id, "Starting the stream")
    if call.announcement in due.STILL_PLAYING:
        raise WrongState(
            what="Starting the stream", why="the announcement comes first, and the stream starts after it."
        )
    if call.streaming_wanted and call.streaming == Call.Streaming.STARTED and call.streaming_lost_at is None:
        raise WrongState(what="Starting the stream", why="it is streaming already.")
    wanted = {"streaming_wanted": True, "streaming_stopped_by": "", **due.ALL_WELL}
    await asked(call, "start_streaming_asked", f"{username} started streaming", username, wanted)
    try:
        await acs.start_streaming(call.call_connection_id, "start")
    except AcsFailed as failed:
        await db(write, call.pk, due.not_started(failed))
        raise
    await due.transcribe(call)
    return await db(find, call_id)


@of_call
async def stop_streaming(call_id: uuid.UUID, username: str) -> Call:
    """What is said from now on is not recorded, until streaming is started again."""
    call = await connected(call_id, "Stopping the stream")
    if not call.streaming_wanted:
        raise WrongState(what="Stopping the stream", why="it is stopped already.")
    off = {"streaming_wanted": False, "streaming_stopped_by": username, **due.ALL_WELL}
    await asked(call, "stop_streaming_asked", f"{username} stopped streaming", username, off)
    try:
        await acs.stop_streaming(call.call_connection_id, "stop")
    except AcsFailed as failed:
        on = {"streaming_wanted": True, "streaming_stopped_by": ""}
        await db(write, call.pk, Entry("stop_streaming_refused", text=str(failed), changes=on))
        raise
    if call.transcription_locale:  # or what is said would still come as text
        stopping = acs.stop_transcription(call.call_connection_id, "stop")
        await told(call, "stop_transcription", stopping)
    return await db(find, call_id)


@of_call
async def add_all(call_id: uuid.UUID, whom: Sequence[str], username: str) -> Call:
    """One after the other; the first whom ACS refuses ends it. Whoever asked waits no longer than for one."""
    try:
        async with asyncio.timeout(acs.WHOLE_SECONDS):
            for who in whom:
                await add(call_id, who, username)
    except TimeoutError:
        raise acs.unanswered("add all participants") from None
    return await db(find, call_id)


@of_call
async def add(call_id: uuid.UUID, who: str, username: str) -> Call:
    call = await connected(call_id, "Adding a participant")
    if who.startswith("4:") and not own_number():
        raise InvalidRequest("Telephones can be added only from a number of the resource: set ACS_CALLER_ID.", "to")
    await db(stranger, call, who)
    text = f"adding {display_of(who)}"
    await asked(call, "add_asked", text, username, raw={"who": who})
    await told(call, "add", acs.add(call.call_connection_id, who, "add", own_number() if who.startswith("4:") else ""))
    return await db(find, call_id)


@of_call
async def remove(call_id: uuid.UUID, who: str, username: str) -> Call:
    call, raw_id = await with_member(call_id, who, "Removing a participant")
    await asked(call, "remove_asked", f"removing {display_of(raw_id)}", username, raw={"who": raw_id})
    await told(call, "remove", acs.remove(call.call_connection_id, raw_id, "remove"))
    return await db(find, call_id)


@of_call
async def mute(call_id: uuid.UUID, who: str, username: str) -> Call:
    """ACS has no way back: whoever was muted unmutes themselves."""
    call, raw_id = await with_member(call_id, who, "Muting")
    await asked(call, "mute_asked", f"muting {display_of(raw_id)}", username, raw={"who": raw_id})
    await told(call, "mute", acs.mute(call.call_connection_id, raw_id, "mute"))
    return await db(find, call_id)


@of_call
async def hold(call_id: uuid.UUID, who: str, username: str, on: bool = True) -> Call:
    call, raw_id = await with_member(call_id, who, "Holding" if on else "Taking off hold")
    words = f"{display_of(raw_id)} on hold" if on else f"{display_of(raw_id)} off hold"
    await asked(call, "hold_asked" if on else "unhold_asked", words, username, raw={"who": raw_id})
    ask = acs.hold if on else acs.unhold
    await told(call, "hold" if on else "unhold", ask(call.call_connection_id, raw_id, "hold"))
    return await db(find, call_id)


@of_call
async def transfer(call_id: uuid.UUID, to: str, username: str, transferee: str = "") -> Call:
    """See TRANSFER_ENDS. In a call of several, `transferee` is who goes, and the rest goes on."""
    call = await connected(call_id, "A transfer")
    await db(stranger, call, to)
    leaving = await db(transferee_of, call, transferee)
    raw = {"who": to, "transferee": leaving}
    await asked(call, "transfer_asked", f"transferring to {display_of(to)}", username, raw=raw)
    caller = own_number() if to.startswith("4:") else ""
    await told(call, "transfer", acs.transfer(call.call_connection_id, to, "transfer", caller, leaving))
    return await db(find, call_id)


@of_call
async def send_dtmf(call_id: uuid.UUID, tones: str, to: str, username: str) -> Call:
    """Keys are sent to one participant; `to` may be "" where there is only one other."""
    if not TONES.fullmatch(tones):
        raise InvalidRequest("Keys are 0–9, A–D, * and #, at most 50.", "tones")
    call, raw_id = await with_member(call_id, to, "Sending keys")
    await asked(call, "dtmf_asked", f"sending {len(tones)} keys to {display_of(raw_id)}", username, raw={"who": raw_id})
    await told(call, "dtmf", acs.send_dtmf(call.call_connection_id, tones, raw_id, "dtmf"))
    return await db(find, call_id)


@of_call
async def play(call_id: uuid.UUID, announce: str, to: str, username: str) -> Call:
    """A text or the name of a sound, to everybody or to one."""
    await db(announcing.check, announce, "announce")
    call = await connected(call_id, "Playing a sound")
    raw_id = (await with_member(call_id, to, "Playing a sound"))[1] if to else ""
    sound = await db(announcing.sound_of, announce)
    await asked(call, "play_asked", f"playing {announce[:60]!r}", username, raw={"announce": announce, "who": raw_id})
    await told(call, "play", acs.play(call.call_connection_id, sound.source, "play", [raw_id] if raw_id else []))
    return await db(find, call_id)


def find(call_id: uuid.UUID) -> Call:
    """Raises Call.DoesNotExist."""
    return Call.objects.select_related("created_by").get(pk=call_id)


async def connected(call_id: uuid.UUID, what: str) -> Call:
    call = await db(find, call_id)
    if call.state != Call.State.CONNECTED or not call.call_connection_id:
        raise WrongState(what=what, why=f"the call is {call.get_state_display().lower()}.")
    return call


async def with_member(call_id: uuid.UUID, who: str, what: str) -> tuple[Call, str]:
    """The call, and the raw id of somebody in it: by raw id, number, name, or the id of their row; "" is the only
    one."""
    call = await connected(call_id, what)
    return call, await db(member, call, who)


def member(call: Call, who: str) -> str:
    present = list(call.participants.filter(left_at=None))
    if not who:
        others = [person for person in present if person.raw_id.startswith("4:") or len(present) == 1]
        if len(others) == 1:
            return others[0].raw_id
        raise InvalidRequest("Say to whom; in this call are: " + _listed(present), "to")
    for person in present:
        if who in {person.raw_id, display_of(person.raw_id), str(person.pk)}:
            return person.raw_id
    raise UnknownParticipant(who=who)


def stranger(call: Call, who: str) -> None:
    """Raises InvalidRequest where they are in the call already: ACS would call them a second time."""
    if call.participants.filter(left_at=None, raw_id=who).exists():
        raise InvalidRequest(f"{display_of(who)} is in this call already.", "to")


def transferee_of(call: Call, who: str) -> str:
    """Who goes in a transfer; "" where there is only one, who need not be named."""
    present = list(call.participants.filter(left_at=None))
    if who:
        return member(call, who)
    if len(present) > 1:
        raise InvalidRequest("Say who is transferred; in this call are: " + _listed(present), "transferee")
    return ""


def _listed(present: list[CallParticipant]) -> str:
    return ", ".join(display_of(person.raw_id) for person in present) or "nobody that ACS has told of"


async def asked(
    call: Call,
    kind: str,
    text: str,
    username: str,
    changes: dict[str, Any] | None = None,
    raw: dict[str, Any] | None = None,
) -> None:
    """Written down before ACS is asked, so that what follows finds it."""
    await db(write, call.pk, Entry(kind, "person", text, username=username, changes=changes or {}, raw=raw or {}))


async def told(call: Call, what: str, asking: Awaitable[None]) -> None:
    """Asks; a refusal is written down and goes on to whoever wanted it."""
    try:
        await asking
    except AcsFailed as failed:
        raw = {"status": failed.acs_status, "code": failed.code, "message": failed.message}
        await db(write, call.pk, Entry(f"{what}_refused", text=str(failed), raw=raw))
        raise
