"""Writing on the page of a session: each reads, calls one function, and answers with the part that shows notes (to a
browser without scripts, with the page)."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from media import access
from media.access import Right
from media.models import StreamSession
from media.pages import session_page
from media.sessions import notes


@login_required
@require_POST
def write_note(request: HttpRequest, session_id: UUID) -> HttpResponse:
    text, at = request.POST.get("text", ""), request.POST.get("at", "")

    def write(user: User, session: StreamSession) -> None:
        notes.write_note(user, session, text, notes.moment_ms(at))

    return _written(request, session_id, write, written={"text": text, "at": at})


@login_required
@require_POST
def take_back(request: HttpRequest, session_id: UUID, note_id: int) -> HttpResponse:
    return _written(request, session_id, lambda user, session: notes.take_back(user, session, note_id))


@login_required
@require_POST
def tag(request: HttpRequest, session_id: UUID) -> HttpResponse:
    name = request.POST.get("name", "")
    return _written(request, session_id, lambda user, session: notes.tag(user, session, name))


@login_required
@require_POST
def untag(request: HttpRequest, session_id: UUID) -> HttpResponse:
    name = request.POST.get("name", "")
    return _written(request, session_id, lambda user, session: notes.untag(user, session, name))


def _written(
    request: HttpRequest, session_id: UUID, act: Callable[[User, StreamSession], object], **typed: Any
) -> HttpResponse:
    user = cast(User, request.user)
    session = access.find_session(user, session_id)
    problem = ""
    try:
        act(user, session)
    except notes.BadNote as error:
        problem = str(error)
    if "HX-Request" not in request.headers and not problem:
        return redirect("media:session", session_id)
    context = {"session": session, "may_replay": user.has_perm(Right.REPLAY), **session_page.written(user, session)}
    return render(request, "media/session/_notes.html", {**context, "problem": problem, **(typed if problem else {})})
