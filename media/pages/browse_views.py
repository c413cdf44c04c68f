"""The console's list of sessions, its preview, its waveforms and its CSV: each reads, calls one function, answers."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode

from calls.pages.bodies import BadForm, checked
from calls.pages.commands import curl
from media import access
from media.access import Right
from media.audio.waveform import outline
from media.models import AccessEntry
from media.pages import browse, csv_export, session_page
from media.sessions.search import SessionQuery

VIA = "console"
WAVE_POINTS, WAVE_HEIGHT = 160, 32
A_DAY = "private, max-age=86400"


@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """All recordings, newest first, narrowed by the filters of the REST API."""
    user = cast(User, request.user)
    access.demand(user, Right.LIST)
    context = browse.page(user, request.GET)
    context["command"] = curl(request, "GET", f"/sessions{context['query']}")
    return render(request, "media/sessions.html", context)


@login_required
def export(request: HttpRequest) -> HttpResponseBase:
    """The same list as CSV."""
    user = cast(User, request.user)
    access.demand(user, Right.LIST)
    try:
        query = checked(SessionQuery, browse.asked(request.GET))
    except BadForm:
        return redirect(f"/sessions/?{urlencode(request.GET, doseq=True)}")  # which says what is wrong
    response = StreamingHttpResponse(csv_export.lines(user, query), content_type="text/csv; charset=utf-8")
    name = f"sessions-{timezone.now():%Y%m%d-%H%M%S}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
def preview(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """What stands beside the list: a session in short, with its player. A viewing like that of its page."""
    user = cast(User, request.user)
    found = access.find_session(user, session_id)
    access.record(user, found, AccessEntry.Action.VIEW, VIA)
    return render(request, "media/_preview.html", session_page.short(user, found))


@login_required
def wave(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The outline of a session's sound as a picture, for a row."""
    session = access.find_session(cast(User, request.user), session_id)
    context = {"points": _path(outline(session, WAVE_POINTS).tolist()), "width": WAVE_POINTS, "height": WAVE_HEIGHT}
    answer = render(request, "media/wave.svg", context, content_type="image/svg+xml")
    answer["Cache-Control"] = "no-store" if session.live else A_DAY
    return answer


def _path(points: list[list[int]]) -> str:
    """One bar for each point, as loud as the loudest reaches the edge."""
    loudest = max((max(-low, high) for low, high in points), default=0) or 1
    scale = WAVE_HEIGHT / 2 / max(loudest, 12)
    bars = (
        f"M{at} {WAVE_HEIGHT / 2 - high * scale:.1f}V{WAVE_HEIGHT / 2 - low * scale + 0.5:.1f}"
        for at, (low, high) in enumerate(points)
    )
    return "".join(bars)
