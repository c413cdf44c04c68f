"""The console's pages of recordings: each reads, calls one function, answers."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from calls.pages import commands
from media import access
from media.access import Right
from media.models import AccessEntry, StreamSession
from media.pages import listing, session_page

NEWEST_SHOWN = 20
VIA = "console"


@login_required
def board(request: HttpRequest) -> HttpResponse:
    """What is running, which comes over a socket (media/live/), and what has ended."""
    user = cast(User, request.user)
    access.demand(user, Right.LIST)
    ended = access.sessions_for(user).filter(state__in=StreamSession.FINAL)
    place = commands.curl(request, "POST", "/calls", commands.EXAMPLE)
    return render(request, "media/board.html", {"rows": listing.rows(ended[:NEWEST_SHOWN]), "place_command": place})


@login_required
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """One recording; opening it is on record."""
    user = cast(User, request.user)
    found = access.find_session(user, session_id, _with_links)
    access.record(user, found, AccessEntry.Action.VIEW, VIA)
    context = {**session_page.page(user, found), **session_page.written(user, found)}
    return render(request, "media/session.html", context)


@login_required
def session_live(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The parts of that page that change while the call runs. No viewing of its own: the page was recorded."""
    user = cast(User, request.user)
    found = access.find_session(user, session_id, _with_links)
    return render(request, "media/session/_live.html", session_page.page(user, found))


@login_required
def session_talk(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Who talked how much: a part that the page asks for by itself, because it reads every chunk's levels."""
    user = cast(User, request.user)
    found = access.find_session(user, session_id)
    context = {"talk": session_page.talk(found), "may_replay": user.has_perm(Right.REPLAY)}
    return render(request, "media/session/_talk.html", context)


def _with_links(rows: QuerySet[StreamSession]) -> QuerySet[StreamSession]:
    return rows.select_related("call", "media_url")
