"""Controlling a call that runs. Each answers 202 with the call: ACS has taken the request, and events say what came of
it."""

from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from calls import access, shapes
from calls.access import Right
from calls.api.problems import ASKING
from calls.auth import caller_of
from calls.event_loop import ask, db
from calls.models import Call
from calls.schemas import AddRequest, CallShape, DtmfRequest, HangUpRequest, PlayRequest, TransferRequest
from calls.services import control

router = Router(tags=["calls"])
EVERYBODY = HangUpRequest()
TAKEN = {202: CallShape, **ASKING}


async def allowed(request: HttpRequest, call_id: UUID) -> str:
    """The name of whoever asks, who may control the call."""
    user = caller_of(request).user
    await db(access.find_call, user, call_id, Right.CONTROL)
    return user.get_username()


async def taken(work: Coroutine[Any, Any, Call], warning: str | None = None) -> Status[Any]:
    call = await ask(work)
    return Status(202, await db(shapes.call_shape, call.pk, warning))


@router.post("/calls/{call_id}/hangup", response=TAKEN, by_alias=True)
async def hang_up(request: HttpRequest, call_id: UUID, payload: HangUpRequest = EVERYBODY) -> Status[Any]:
    """Ends it; or takes only this server out of it."""
    return await taken(control.hang_up(call_id, await allowed(request, call_id), payload.for_everyone))


@router.post("/calls/{call_id}/start-streaming", response=TAKEN, by_alias=True)
async def start_streaming(request: HttpRequest, call_id: UUID) -> Status[Any]:
    """Its sound is recorded, or recorded again."""
    return await taken(control.start_streaming(call_id, await allowed(request, call_id)))


@router.post("/calls/{call_id}/stop-streaming", response=TAKEN, by_alias=True)
async def stop_streaming(request: HttpRequest, call_id: UUID) -> Status[Any]:
    """What is said from now on is not recorded."""
    return await taken(control.stop_streaming(call_id, await allowed(request, call_id)))


@router.post("/calls/{call_id}/participants", response=TAKEN, by_alias=True)
async def add_participants(request: HttpRequest, call_id: UUID, payload: AddRequest) -> Status[Any]:
    username = await allowed(request, call_id)
    return await taken(control.add_all(call_id, payload.to, username))


@router.delete("/calls/{call_id}/participants/{who}", response=TAKEN, by_alias=True)
async def remove_participant(request: HttpRequest, call_id: UUID, who: str) -> Status[Any]:
    """`who`: a participant's id, raw id or number."""
    return await taken(control.remove(call_id, who, await allowed(request, call_id)))


@router.post("/calls/{call_id}/participants/{who}/mute", response=TAKEN, by_alias=True)
async def mute_participant(request: HttpRequest, call_id: UUID, who: str) -> Status[Any]:
    """ACS has no way back: whoever was muted unmutes themselves."""
    return await taken(control.mute(call_id, who, await allowed(request, call_id)))


@router.post("/calls/{call_id}/participants/{who}/hold", response=TAKEN, by_alias=True)
async def hold_participant(request: HttpRequest, call_id: UUID, who: str) -> Status[Any]:
    return await taken(control.hold(call_id, who, await allowed(request, call_id)))


@router.post("/calls/{call_id}/participants/{who}/unhold", response=TAKEN, by_alias=True)
async def unhold_participant(request: HttpRequest, call_id: UUID, who: str) -> Status[Any]:
    return await taken(control.hold(call_id, who, await allowed(request, call_id), on=False))


@router.post("/calls/{call_id}/transfer", response=TAKEN, by_alias=True)
async def transfer_call(request: HttpRequest, call_id: UUID, payload: TransferRequest) -> Status[Any]:
    """Connects the other side with somebody else. ACS takes this server out of the call, so the recording ends with it:
    to go on recording add them (`/participants`) and leave later (`/hangup` with `for_everyone` false)."""
    work = control.transfer(call_id, payload.to, await allowed(request, call_id), payload.transferee or "")
    return await taken(work, None if payload.transferee else control.TRANSFER_ENDS)


@router.post("/calls/{call_id}/dtmf", response=TAKEN, by_alias=True)
async def send_dtmf(request: HttpRequest, call_id: UUID, payload: DtmfRequest) -> Status[Any]:
    """Presses keys for one participant to hear."""
    return await taken(control.send_dtmf(call_id, payload.tones, payload.to or "", await allowed(request, call_id)))


@router.post("/calls/{call_id}/play", response=TAKEN, by_alias=True)
async def play(request: HttpRequest, call_id: UUID, payload: PlayRequest) -> Status[Any]:
    """A text, spoken, or a sound that was uploaded."""
    return await taken(control.play(call_id, payload.announce, payload.to or "", await allowed(request, call_id)))
