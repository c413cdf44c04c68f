"""The console's pages of calls: each reads, calls one function, answers."""

from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from calls import access
from calls.access import Right
from calls.event_loop import db
from calls.pages import acting, commands, csv_export, listing, showing
from calls.pages.bodies import BadForm
from calls.pages.doors import shown, signed_in


@require_safe
@signed_in
async def calls(request: HttpRequest, user: User) -> HttpResponse:
    """All calls, newest first, narrowed by the filters of the REST API."""
    await db(access.demand, user, Right.LIST)
    context = await db(listing.page, user, request.GET)
    context["command"] = commands.curl(request, "GET", f"/calls{context['query']}")
    context["place_command"] = commands.curl(request, "POST", "/calls", commands.EXAMPLE)
    return await shown(request, "calls/calls.html", context)


@require_safe
@signed_in
async def export(request: HttpRequest, user: User) -> HttpResponseBase:
    """The same list as CSV, all pages of it."""
    await db(access.demand, user, Right.LIST)
    try:
        query = listing.wanted(request.GET)
    except BadForm as bad:
        return HttpResponse("\n".join(bad.faults.values()), "text/plain; charset=utf-8", 422)
    name = f"calls-{timezone.now():%Y%m%d-%H%M%S}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(csv_export.lines(user, query), content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
@signed_in
async def call(request: HttpRequest, user: User, call_id: UUID) -> HttpResponse:
    """One call: how it stands, who is in it, what happened, and what can be done."""
    return await shown(request, "calls/call.html", await _page(request, user, call_id))


@require_safe
@signed_in
async def call_live(request: HttpRequest, user: User, call_id: UUID) -> HttpResponse:
    """The part of that page that changes while the call runs."""
    return await shown(request, "calls/_call.html", await _page(request, user, call_id))


@require_safe
@signed_in
async def preview(request: HttpRequest, user: User, call_id: UUID) -> HttpResponse:
    """What stands beside the list: a call in short. static/console/browse.js puts its session into it."""
    return await shown(request, "calls/_preview.html", await _page(request, user, call_id))


async def _page(request: HttpRequest, user: User, call_id: UUID) -> dict[str, object]:
    leave_after = request.GET.get("leave_after", "")[:300]
    found = await db(access.find_call, user, call_id, Right.LIST, showing.with_links)
    return {
        **await db(showing.page, user, found, commands.base_of(request, call_id), leave_after),
        "query": acting.query_of(leave_after),
    }
