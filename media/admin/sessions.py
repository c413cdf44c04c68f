"""The list of sessions and the page of one. Read-only, but for deletion by whoever may (media/sessions/deletion.py)."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from calls.read_only_admin import BoundedChangeList, ReadOnlyAdmin
from media.access import Right, demand, find_session, record, sessions_for
from media.admin import columns
from media.admin.filters import DurationFilter, TroubleFilter
from media.admin.search import HELP
from media.errors import BadReason, NoReason
from media.models import AccessEntry, StreamSession
from media.pages.session_page import page, written
from media.sessions.deletion import delete_session
from media.sessions.retention import goes_at, hold, release
from media.sessions.search import mentioning
from media.sessions.titles import name_of, titles

VIA = "admin"


class SessionList(BoundedChangeList):
    """What the sessions of one page of it are called is asked at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        called = titles(rows)
        for session in rows:
            session.called = called[session.pk]
        self.result_list = rows


@admin.register(StreamSession)
class StreamSessionAdmin(ReadOnlyAdmin[StreamSession]):
    list_display = ("session", "state_now", "started", "duration", "participants", "coverage")
    list_filter = (
        "state",
        TroubleFilter,
        "live",
        ("started_at", admin.DateFieldListFilter),
        DurationFilter,
        "channels",
        ("hold", admin.EmptyFieldListFilter),
    )
    search_fields = ("label",)  # shows the search box; `search` decides what is searched
    search_help_text = HELP
    fields = ("label",)
    change_form_template = "admin/media/streamsession/change_form.html"

    class Media:
        css = {"all": ("media/player.css", "media/session.css", "media/admin.css")}

    # --- the list -----------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[StreamSession]:
        rows = sessions_for(cast(User, request.user)).select_related("call", "media_url")
        return rows.prefetch_related("participants")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (mentioning(queryset, search_term) if search_term.strip() else queryset), False

    @admin.display(ordering="label")
    def session(self, session: StreamSession) -> str:
        return str(getattr(session, "called", name_of(session)))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return SessionList

    @admin.display(description="state", ordering="state")
    def state_now(self, session: StreamSession) -> SafeString:
        return columns.state_label(session, timezone.now())

    @admin.display(ordering="started_at")
    def started(self, session: StreamSession) -> str:
        return f"{session.started_at:%Y-%m-%d %H:%M}"

    @admin.display(ordering="duration_ms")
    def duration(self, session: StreamSession) -> SafeString:
        return columns.duration(session)

    @admin.display
    def participants(self, session: StreamSession) -> SafeString:
        return columns.chips(session)

    @admin.display(ordering="gap_ms")
    def coverage(self, session: StreamSession) -> SafeString:
        return columns.coverage(session)

    # --- the page -----------------------------------------------------------------------------------------------------

    def page_of(self, request: HttpRequest, row: StreamSession) -> dict[str, Any]:
        user = cast(User, request.user)
        shown = {**page(user, row), **written(user, row)}
        record(user, row, AccessEntry.Action.VIEW, VIA)
        return {**shown, "goes_at": goes_at(row), "retention_days": settings.RETENTION_DAYS}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        live = path("<uuid:session_id>/live/", view(self.live), name="media_streamsession_live")
        keep = path("<uuid:session_id>/hold/", view(require_POST(self.keep)), name="media_streamsession_hold")
        return [live, keep, *super().get_urls()]

    def live(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """The parts of the page that change while the call runs, as they are now. No viewing of its own: the page that
        asks for them was recorded when it was opened."""
        user = cast(User, request.user)
        session = find_session(user, session_id, lambda rows: rows.select_related("call", "media_url"))
        return TemplateResponse(request, "media/session/_live.html", page(user, session))

    # --- deletion -----------------------------------------------------------------------------------------------------

    def keep(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """Holds a recording, which then nobody deletes, or releases it."""
        user = cast(User, request.user)
        demand(user, Right.DELETE)
        session = find_session(user, session_id)
        try:
            if request.POST.get("what") == "release":
                release(session, user, VIA)
            else:
                hold(session, user, VIA, request.POST.get("why", ""))
        except (NoReason, BadReason) as error:
            messages.error(request, str(error))
        return redirect("admin:media_streamsession_change", session_id)

    def has_delete_permission(self, request: HttpRequest, obj: StreamSession | None = None) -> bool:
        return request.user.has_perm(Right.DELETE) and not (obj and obj.hold)

    def get_deleted_objects(
        self, objs: QuerySet[Any] | Iterable[Model], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """A sentence for each session, instead of a list of its thousands of rows. Those that are held forbid it."""
        sessions = [cast(StreamSession, each) for each in objs]
        lines = [f"{session}: its audio, gaps and connections, for good" for session in sessions]
        held = [f"{session}, held: {session.hold}" for session in sessions if session.hold]
        return lines, {"sessions": len(lines)}, set(), held

    def delete_model(self, request: HttpRequest, obj: StreamSession) -> None:
        delete_session(obj, cast(User, request.user), VIA)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[StreamSession]) -> None:
        for session in queryset:
            delete_session(session, cast(User, request.user), VIA)
