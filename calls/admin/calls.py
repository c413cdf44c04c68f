"""The list of calls and the page of one. Nothing is edited here; what can be done with calls that run asks the same
services as the API. Knows nothing of audio."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls.access import Right
from calls.admin import call_page
from calls.admin.actions import hang_up, start_streaming, stop_streaming
from calls.identifiers import display_of
from calls.models import Call
from calls.read_only_admin import ReadOnlyAdmin
from calls.search import CallQuery, narrow


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin[Call]):
    list_display = ("call", "state_now", "began", "lasted", "direction", "sound", "end_reason")
    list_filter = ("state", "direction", ("created_at", admin.DateFieldListFilter), "channels")
    list_select_related = ("created_by",)
    search_fields = ("from_id",)  # shows the search box; calls/search.py decides what is searched
    search_help_text = "The beginning of a number, call connection or correlation id, or a word of the note"
    fields = ("note",)
    actions = (start_streaming, stop_streaming, hang_up)
    change_form_template = "admin/calls/call/change_form.html"

    class Media:
        css = {"all": ("media/player.css", "media/session.css", "media/admin.css", "calls/admin.css")}

    def has_control_permission(self, request: HttpRequest) -> bool:
        """Asked by the actions' `permissions`."""
        return request.user.has_perm(Right.CONTROL)

    # --- the list -----------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        return super().get_queryset(request).prefetch_related("sessions")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return narrow(queryset, CallQuery(q=search_term.replace("\0", "").strip())), False

    @admin.display(ordering="created_at")
    def call(self, call: Call) -> str:
        """Who calls whom; of joined calls only that they are."""
        others = ", ".join(display_of(str(callee)) for callee in call.to)
        return f"{call.from_id or 'unknown'} → {others}" if others else f"a {call.direction} call"

    @admin.display(description="state", ordering="state")
    def state_now(self, call: Call) -> SafeString:
        age = call_page.age_of(call, timezone.now())
        return format_html(
            '<span class="state state-{}" title="{}">{}</span>', call.state, age, call.get_state_display()
        )

    @admin.display(description="began (UTC)", ordering="created_at")
    def began(self, call: Call) -> str:
        return f"{call.created_at:%Y-%m-%d %H:%M}"

    @admin.display
    def lasted(self, call: Call) -> str:
        return call_page.length_of(call, timezone.now()) or "–"

    @admin.display(description="recording")
    def sound(self, call: Call) -> SafeString | str:
        sessions = call.sessions.all()
        return call_page.session_link(sessions[0].pk, "session") if sessions else "–"

    # --- the page -----------------------------------------------------------------------------------------------------

    def page_of(self, request: HttpRequest, row: Call) -> dict[str, Any]:
        return call_page.page(cast(User, request.user), row)
