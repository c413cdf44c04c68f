"""What can be done with several calls at once. Each asks the service that the API asks, for all of them beside each
other, and says of each call what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from calls.errors import CallsError
from calls.event_loop import wait
from calls.models import Call
from calls.read_only_admin import ModelAdmin
from calls.services import control

Action = Callable[[UUID, str], Awaitable[Call]]
LATE = "ACS has not answered yet; the call's page will say what came of it."
Page = ModelAdmin[Call]


@admin.action(description="Start streaming: record", permissions=["control"])
def start_streaming(page: Page, request: HttpRequest, calls: QuerySet[Call]) -> HttpResponse | None:
    return _do(request, calls, control.start_streaming, "ACS was asked to stream its sound.")


@admin.action(description="Stop streaming: do not record", permissions=["control"])
def stop_streaming(page: Page, request: HttpRequest, calls: QuerySet[Call]) -> HttpResponse | None:
    return _do(request, calls, control.stop_streaming, "ACS was asked to stop; nothing said from now on is recorded.")


@admin.action(description="Hang up", permissions=["control"])
def hang_up(page: Page, request: HttpRequest, calls: QuerySet[Call]) -> HttpResponse | None:
    """People are cut off in the middle of a sentence, so it is asked once more."""
    if "sure" in request.POST:
        return _do(request, calls, control.hang_up, "it is hung up for everybody.")
    running = [call for call in calls if not call.is_over]
    if not running:
        messages.warning(request, "None of these calls is running.")
        return None
    context = {**page.admin_site.each_context(request), "title": "Hang up", "opts": Call._meta, "calls": running}
    context |= {"one": "one" in request.POST, "media": page.media}
    return TemplateResponse(request, "admin/calls/call/hang_up.html", context)


def _do(request: HttpRequest, calls: QuerySet[Call], action: Action, done: str) -> HttpResponse | None:
    """Back on the page of the call where it was asked for there (`one`), else on the list."""
    chosen = list(calls)
    username = cast(User, request.user).get_username()
    for call, outcome in zip(chosen, _outcomes(action, [call.pk for call in chosen], username), strict=True):
        if isinstance(outcome, BaseException):
            messages.warning(request, f"{_named(call)}: {outcome}")
        else:
            messages.success(request, f"{_named(call)}: {done}")
    return redirect("admin:calls_call_change", chosen[0].pk) if "one" in request.POST and chosen else None


def _outcomes(action: Action, ids: Iterable[UUID], username: str) -> list[Any]:
    """The call or what went wrong, for each. Raises what is no fault of a call."""
    ids = list(ids)

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(action(call_id, username) for call_id in ids), return_exceptions=True)

    try:
        outcomes = wait(all_of_them())
    except TimeoutError:
        return [TimeoutError(LATE)] * len(ids)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, CallsError):
            raise outcome
    return outcomes


def _named(call: Call) -> str:
    text = str(call)
    return f"{text[:1].upper()}{text[1:]} ({str(call.pk)[:8]})"
