"""The doors to a session's support bundle: the API's, the console's and the admin's. They stand here and not with the
other pages of recordings because the doctor's findings go into it."""

from typing import cast
from uuid import UUID

from django.contrib.admin import site
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Router

from calls.auth import caller_of
from calls.rest.shapes import Faults, Problem
from config.doctor import report
from media import access
from media.access import Right
from media.models import AccessEntry, StreamSession
from media.support import bundle

router = Router(tags=["sessions"])
ZIP = "application/zip"
PROBLEMS = {401: Problem, 403: Problem, 404: Problem, 422: Faults, 429: Problem, 503: Problem}
FILE = {"description": "a zip of JSON files", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}


@router.get("/sessions/{session_id}/support-bundle", response=PROBLEMS, openapi_extra={"responses": {200: FILE}})
def get_support_bundle(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """What somebody outside needs to help: events, counters, versions, the doctor's findings. No audio, no words, no
    numbers and names. Needs the right to download; on record."""
    caller = caller_of(request)
    return _given(caller.user, session_id, caller.via)


@login_required
def in_console(request: HttpRequest, session_id: UUID) -> HttpResponse:
    return _given(cast(User, request.user), session_id, "console")


def in_admin(request: HttpRequest, session_id: UUID) -> HttpResponse:
    return site.admin_view(_in_admin)(request, session_id)


def _in_admin(request: HttpRequest, session_id: UUID) -> HttpResponse:
    return _given(cast(User, request.user), session_id, "admin")


def _given(user: User, session_id: UUID, via: str) -> HttpResponse:
    """On record first, so that none is forgotten. Blocks while the doctor asks around (config/doctor bounds it)."""
    access.demand(user, Right.DOWNLOAD)
    session = access.find_session(user, session_id, _with_call)
    access.record(user, session, AccessEntry.Action.BUNDLE, via)
    answer = HttpResponse(bundle(session, report()), content_type=ZIP)
    answer["Content-Disposition"] = f'attachment; filename="support-{session.pk}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _with_call(rows: QuerySet[StreamSession]) -> QuerySet[StreamSession]:
    return rows.select_related("call")
