"""What the buttons of a call's page ask for: each reads its form, calls the service that the REST API calls, and says
what came of it."""

import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from calls import access
from calls.access import Right
from calls.errors import AcsFailed, CallsError
from calls.event_loop import ask, db
from calls.identifiers import book_id
from calls.models import Call
from calls.pages import commands, showing
from calls.pages.bodies import BadForm, checked, filled, several
from calls.pages.doors import asked_for_part, shown, signed_in
from calls.schemas import AddRequest, DtmfRequest, PlayRequest, TransferRequest
from calls.services import control, naming

Work = Coroutine[Any, Any, Call]


@dataclass(frozen=True, slots=True)
class Asked:
    """`said`: the sentence when ACS has taken the request. `leave_after`: for whom one then waits."""

    work: Work
    said: str
    leave_after: str = ""


def _hang_up(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    return Asked(control.hang_up(call_id, username), "ACS is asked to end the call for everybody.")


def _leave(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    said = "ACS is asked to take this server out of the call; the others go on talking, unrecorded."
    return Asked(control.hang_up(call_id, username, for_everyone=False), said)


def _start(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    return Asked(control.start_streaming(call_id, username), "ACS is asked to stream.")


def _stop(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    said = "ACS is asked to stop streaming; what is said from now on is not recorded."
    return Asked(control.stop_streaming(call_id, username), said)


def _add(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    payload = checked(AddRequest, {"to": several(form.get("to", ""))})
    return Asked(control.add_all(call_id, payload.to, username), "It rings there.")


def _add_then_leave(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    to = checked(TransferRequest, filled(form, "to")).to
    said = "It rings there. Once they have joined you can leave; until then everything is recorded."
    return Asked(control.add(call_id, to, username), said, leave_after=to)


def _transfer(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    payload = checked(TransferRequest, filled(form, "to", "transferee"))
    work = control.transfer(call_id, payload.to, username, payload.transferee or "")
    return Asked(work, "ACS is asked to transfer the call.")


def _keys(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    payload = checked(DtmfRequest, filled(form, "tones", "to"))
    return Asked(control.send_dtmf(call_id, payload.tones, payload.to or "", username), "The keys are sent.")


def _play(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    payload = checked(PlayRequest, filled(form, "announce", "to"))
    return Asked(control.play(call_id, payload.announce, payload.to or "", username), "ACS is asked to play it.")


def _mute(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    return Asked(control.mute(call_id, form.get("who", ""), username), "ACS is asked to mute.")


def _hold(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    return Asked(control.hold(call_id, form.get("who", ""), username), "ACS is asked to put on hold.")


def _unhold(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    return Asked(control.hold(call_id, form.get("who", ""), username, on=False), "ACS is asked to take off hold.")


def _remove(call_id: uuid.UUID, form: QueryDict, username: str) -> Asked:
    return Asked(control.remove(call_id, form.get("who", ""), username), "ACS is asked to remove.")


ACTIONS: dict[str, Callable[[uuid.UUID, QueryDict, str], Asked]] = {
    "hangup": _hang_up,
    "leave": _leave,
    "start-streaming": _start,
    "stop-streaming": _stop,
    "add": _add,
    "add-then-leave": _add_then_leave,
    "transfer": _transfer,
    "keys": _keys,
    "play": _play,
    "mute": _mute,
    "hold": _hold,
    "unhold": _unhold,
    "remove": _remove,
}


@require_http_methods(["GET", "POST"])
@signed_in
async def act(request: HttpRequest, user: User, call_id: uuid.UUID, action: str) -> HttpResponse:
    """A GET is a reload of an answer that said what was wrong."""
    if action not in ACTIONS:
        raise Http404("There is no such action.")
    if request.method == "GET":
        return redirect("calls:call", call_id)
    await db(access.find_call, user, call_id, Right.CONTROL)
    leave_after = request.GET.get("leave_after", "")
    try:
        asked = ACTIONS[action](call_id, request.POST, user.get_username())
        await ask(asked.work)
    except BadForm as bad:
        fault = Fault(action, " ".join(bad.faults.values()))
        return await _answer(request, user, call_id, {"fault": fault}, leave_after)
    except CallsError as refused:
        fault = Fault(action, str(refused), code_of(refused))
        return await _answer(request, user, call_id, {"fault": fault}, leave_after)
    told = {"notice": asked.said, "done": action}
    return await _answer(request, user, call_id, told, asked.leave_after or leave_after)


@require_http_methods(["GET", "POST"])
@signed_in
async def name(request: HttpRequest, user: User, call_id: uuid.UUID, participant_id: int) -> HttpResponse:
    """Somebody in the call gets a name, for all calls."""
    if request.method == "GET":
        return redirect("calls:call", call_id)
    call = await db(access.find_call, user, call_id)
    await db(access.demand, user, Right.NAME)
    row = await db(call.participants.filter(pk=participant_id).first)
    if row is None:
        raise Http404("There is nobody of that id in this call.")
    action, given = f"name-{participant_id}", request.POST.get("name", "").strip()
    try:
        await db(_rename, row.raw_id, given, user)
    except CallsError as refused:
        return await _answer(request, user, call_id, {"fault": Fault(action, str(refused))})
    said = "The name stands for all calls." if given else "They are called by their number again."
    return await _answer(request, user, call_id, {"notice": said, "done": action})


def _rename(raw_id: str, given: str, user: User) -> None:
    """No name: they are called by their number again."""
    if given:
        naming.name(raw_id, given, user)
    else:
        naming.forget([book_id(raw_id)])


@dataclass(frozen=True, slots=True)
class Fault:
    """Shown at the form of `action`, and at the top. `code`: ACS's own."""

    action: str
    words: str
    code: str = ""

    @property
    def slot(self) -> str:
        """The form whose fault it is; buttons have none."""
        return "transfer" if self.action == "add-then-leave" else self.action


def code_of(refused: CallsError) -> str:
    """Like 404/8522; the sentence has it too, where ACS said anything."""
    if not isinstance(refused, AcsFailed) or refused.acs_status is None:
        return ""
    return "/".join(part for part in (str(refused.acs_status), refused.code) if part)


async def _answer(
    request: HttpRequest, user: User, call_id: uuid.UUID, told: dict[str, Any], leave_after: str = ""
) -> HttpResponse:
    """A script gets the parts that have changed; a browser without scripts the page; the board, which is told of calls
    by itself, what came of the action."""
    if request.POST.get("from") == "board" and asked_for_part(request):
        return await shown(request, "calls/_notice.html", told)
    address = address_of(call_id, leave_after)
    if not asked_for_part(request) and "notice" in told:
        await db(messages.success, request, told["notice"])
        return redirect(address)
    call = await db(access.find_call, user, call_id, Right.LIST, showing.with_links)
    context = {
        **await db(showing.page, user, call, commands.base_of(request, call_id), leave_after),
        **told,
        "query": query_of(leave_after),
    }
    context["slots"] = context["can"] | {f"name-{person.row.pk}" for person in context["people"]}
    answer = await shown(request, "calls/_acted.html" if asked_for_part(request) else "calls/call.html", context)
    if leave_after and asked_for_part(request):
        answer["HX-Replace-Url"] = address
    if "done" in told:
        answer["HX-Trigger"] = "action-done"
    return answer


def query_of(leave_after: str) -> str:
    return f"?{urlencode({'leave_after': leave_after})}" if leave_after else ""


def address_of(call_id: uuid.UUID, leave_after: str = "") -> str:
    return reverse("calls:call", args=[call_id]) + query_of(leave_after)
