"""Calls that ring here, on every page of the console: answered, rejected or redirected, and gone as soon as somebody
did so or they ring no longer."""

import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from calls import access
from calls.access import Right
from calls.errors import CallsError
from calls.event_loop import ask, db
from calls.humanize import span
from calls.identifiers import display_of
from calls.models import Call, IncomingCall
from calls.pages import commands, options
from calls.pages.bodies import BadForm, checked, filled
from calls.pages.doors import asked_for_part, shown, signed_in
from calls.pages.names import Names, names_in
from calls.schemas import AnswerRequest, RedirectRequest, RejectRequest
from calls.services import incoming

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Ring:
    row: IncomingCall
    caller: str
    number: str
    called: str
    age: str
    commands: dict[str, str]

    @property
    def key(self) -> str:
        return str(self.row.pk)


class Decided(NamedTuple):
    """`call`: where the answered call is followed."""

    said: str
    call: Call | None = None


Work = Coroutine[Any, Any, Decided]


async def _answer(incoming_id: uuid.UUID, form: QueryDict, user: User) -> Decided:
    payload = checked(AnswerRequest, options.answering(form))
    call = await ask(incoming.answer(incoming_id, payload.call_options(then_add=tuple(payload.then_add)), user))
    return Decided("Answered.", call)


async def _reject(incoming_id: uuid.UUID, form: QueryDict, user: User) -> Decided:
    reason: Literal["none", "busy", "forbidden"] = checked(RejectRequest, filled(form, "reason")).reason
    await ask(incoming.reject(incoming_id, reason, user))
    return Decided("Rejected.")


async def _redirect(incoming_id: uuid.UUID, form: QueryDict, user: User) -> Decided:
    to = checked(RedirectRequest, filled(form, "to")).to
    await ask(incoming.redirect(incoming_id, to, user))
    return Decided(f"Redirected to {display_of(to)}.")


ACTIONS: dict[str, Callable[[uuid.UUID, QueryDict, User], Work]] = {
    "answer": _answer,
    "reject": _reject,
    "redirect": _redirect,
}


@require_safe
@signed_in
async def ringing(request: HttpRequest, user: User) -> HttpResponse:
    """What rings now; a part of every page. `?pushed`: the page is told when to ask (the board), and asks by itself
    only while something rings. Whose right was taken away meanwhile is shown nothing, and asks no more."""
    if not await db(user.has_perm, Right.LIST):
        return await shown(request, "calls/_incoming.html", {"rings": [], "over": True})
    return await shown(request, "calls/_incoming.html", await db(_now, request, user))


@require_POST
@signed_in
async def decide(request: HttpRequest, user: User, incoming_id: uuid.UUID, action: str) -> HttpResponse:
    if action not in ACTIONS:
        raise Http404("There is no such action.")
    await db(access.find_incoming, user, incoming_id, Right.CONTROL)
    try:
        decided = await ACTIONS[action](incoming_id, request.POST, user)
    except (BadForm, CallsError) as refused:
        words = " ".join(refused.faults.values()) if isinstance(refused, BadForm) else str(refused)
        return await _told(request, user, fault=words)
    if decided.call is None:
        return await _told(request, user, notice=decided.said)
    address = reverse("calls:call", args=[decided.call.pk])
    return HttpResponse(status=204, headers={"HX-Redirect": address}) if asked_for_part(request) else redirect(address)


async def _told(request: HttpRequest, user: User, notice: str = "", fault: str = "") -> HttpResponse:
    if not asked_for_part(request):
        await db(messages.error if fault else messages.success, request, fault or notice)
        return redirect("home")
    context = await db(_now, request, user)
    return await shown(request, "calls/_decided.html", {**context, "notice": notice, "fault": fault})


def _now(request: HttpRequest, user: User) -> dict[str, Any]:
    now = timezone.now()
    waiting = access.incoming_for(user).filter(state=IncomingCall.State.RINGING, expires_at__gt=now)
    rows = list(waiting.order_by("received_at", "id")[:MOST_SHOWN])
    pushed = "pushed" in request.GET
    if not rows:
        return {"rings": [], "pushed": pushed}
    names = names_in([], [who for row in rows for who in (row.from_raw_id, row.to_raw_id)])
    rings = [_ring(request, row, names, span(now - row.received_at)) for row in rows]
    return {"rings": rings, "pushed": pushed, **options.context(options.Filled(options.empty()))}


def _ring(request: HttpRequest, row: IncomingCall, names: Names, age: str) -> Ring:
    number = display_of(row.from_raw_id)
    caller = names.known.get(number) or row.display_name
    path = f"/incoming/{row.pk}"
    said = {
        "answer": commands.curl(request, "POST", f"{path}/answer", {}),
        "reject": commands.curl(request, "POST", f"{path}/reject", {"reason": "busy"}),
        "redirect": commands.curl(request, "POST", f"{path}/redirect", {"to": "+15550100"}),
        "base": request.build_absolute_uri(f"/api/v1{path}"),
    }
    return Ring(row, caller or number, number if caller else "", names.of(row.to_raw_id), age, said)
