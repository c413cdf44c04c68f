"""The doors for ACS and Event Grid: each checks the proof, reads, calls one function, answers fast."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from calls import signed_urls
from calls.acs_jwt import BadJwt, verify
from calls.errors import BadEvents
from calls.event_loop import ask, db, spawn
from calls.log_context import named
from calls.models import Call, Prompt
from calls.services import applying, due, incoming, reconciling
from calls.webhooks.event_grid import Handshake, allowed, parse_grid
from calls.webhooks.events import parse_callbacks

log = logging.getLogger(__name__)

ALIVE = {Call.State.CONNECTED, Call.State.DISCONNECTING, Call.State.ENDED}
NO_KEY = "ACS_EVENTS_KEY is unset, so nobody may send events here: set it, and put ?key=… into the webhook's address."


@csrf_exempt
@require_POST
async def callbacks(request: HttpRequest, token: str) -> HttpResponse:
    """Mid-call events. 200 as soon as they are written down; what follows from them is done afterwards."""
    try:
        call_id = signed_urls.verify(signed_urls.CALLBACKS, token)
        if settings.ACS_CALLBACK_AUTH == "url+jwt":
            await verify(request.headers.get("Authorization", "").partition(" ")[2])
    except signed_urls.BadToken as error:
        log.warning("a callback was refused: %s", error)
        return _refused(403, str(error))
    except BadJwt as error:
        log.warning("a callback was refused: %s", error)
        return _refused(401, str(error))
    getattr(request, "scope", {}).get("about", {}).update(named(call=call_id))  # for the access log's line
    try:
        batch = parse_callbacks(request.body)
    except BadEvents as error:
        log.warning("callback of call %s: %s", call_id, error, extra=named(call=call_id))
        return _refused(400, str(error))
    for entry in batch.unreadable:
        words = "callback of call %s: entry %d could not be read: %s"
        log.warning(words, call_id, entry.number, entry.why, extra=named(call=call_id))
    for call in await db(applying.apply_events, call_id, batch.events):
        spawn(due.advance(call.pk), f"what is due on call {call.pk}")
        if call.state not in ALIVE:
            spawn(reconciling.ask_whether_connected(call.pk), f"asking about call {call.pk}")
    return HttpResponse(status=200)


@csrf_exempt
async def events(request: HttpRequest) -> HttpResponse:
    """Event Grid: both handshakes, calls that come in, and what it testifies of calls."""
    if not settings.ACS_EVENTS_KEY:
        return _refused(403, NO_KEY)
    if not constant_time_compare(request.GET.get("key", ""), settings.ACS_EVENTS_KEY):
        log.warning("an event of Event Grid was refused: the key in its address is missing or wrong")
        return _refused(403, "The key in this address is missing or wrong; compare it with ACS_EVENTS_KEY.")
    headers = {name.lower(): value for name, value in request.headers.items()}
    if request.method == "OPTIONS":
        return HttpResponse(status=200, headers=allowed(headers))
    if request.method != "POST":
        return _refused(405, "Event Grid posts here.")
    try:
        found = parse_grid(request.body, headers)
    except BadEvents as error:
        return _refused(400, str(error))
    if isinstance(found, Handshake):
        return JsonResponse(found.answer)
    for announced in found.incoming:
        await ask(incoming.came(announced))
    for said in found.witnesses:
        for call in await db(incoming.testify, said):
            spawn(reconciling.ask_soon(call.pk), f"asking about call {call.pk}")
    return HttpResponse(status=200)


@require_safe
async def prompt(request: HttpRequest, token: str) -> HttpResponse:
    """A sound that ACS fetches to play."""
    try:
        prompt_id = signed_urls.verify(signed_urls.PROMPTS, token)
    except signed_urls.BadToken as error:
        return _refused(403, str(error))
    row = await db(Prompt.objects.filter(pk=prompt_id).first)
    if row is None:
        return _refused(404, "This sound was deleted.")
    return HttpResponse(bytes(row.wav), content_type="audio/wav")


def _refused(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence[:1].upper()}{sentence[1:].rstrip('.')}.\n", "text/plain; charset=utf-8", status)
