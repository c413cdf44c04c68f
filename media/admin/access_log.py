"""Who viewed, heard, downloaded or deleted what: to read only."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls.read_only_admin import ModelAdmin, ReadOnlyAdmin
from media.admin.search import id_begins
from media.humanize import part_of
from media.models import AccessEntry

LISTED_USERS = 200


class UserFilter(SimpleListFilter):
    """By today's users: the log itself is too long to be asked for all the names in it. Search finds the others."""

    title = "user"
    parameter_name = "user"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        names = User.objects.order_by("username").values_list("username", flat=True)[:LISTED_USERS]
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessEntry]) -> QuerySet[AccessEntry]:
        return queryset.filter(username=self.value()) if self.value() else queryset


@admin.register(AccessEntry)
class AccessEntryAdmin(ReadOnlyAdmin[AccessEntry]):
    list_display = ("at", "username", "action", "part", "session", "via")
    list_filter = (("at", admin.DateFieldListFilter), "action", UserFilter)
    search_fields = ("username",)
    search_help_text = "User, or the beginning of a session id"

    class Media:
        css = {"all": ("media/player.css", "media/session.css", "media/admin.css")}

    @admin.display(description="which part")
    def part(self, entry: AccessEntry) -> str:
        return part_of(entry.from_ms, entry.to_ms)

    @admin.display
    def session(self, entry: AccessEntry) -> SafeString:
        url = reverse("admin:media_streamsession_change", args=(entry.session_id,))
        return format_html('<a class="link" href="{}">{}</a>', url, str(entry.session_id)[:8])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term:
            return queryset, False
        ids = id_begins(search_term.strip(), "session_id")
        return queryset.filter(Q(username__icontains=search_term.strip()) | ids), False
