"""Alarms: what is wrong and was, and whether somebody was told."""

from datetime import datetime

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls.read_only_admin import ReadOnlyAdmin
from media.alarms.telling import NOBODY
from media.models import Alarm


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin[Alarm]):
    list_display = ("kind", "look", "seen_since", "opened_at", "closed_at", "told", "trouble")
    list_filter = ("kind", ("closed_at", admin.EmptyFieldListFilter), ("opened_at", admin.DateFieldListFilter))
    search_fields = ("text", "subject")

    class Media:
        css = {"all": ("media/player.css", "media/session.css", "media/admin.css")}

    @admin.display(description="what")
    def look(self, alarm: Alarm) -> SafeString | str:
        return format_html('<a href="{}">{}</a>', alarm.path, alarm.text) if alarm.path else alarm.text

    @admin.display(description="told at", ordering="told_at")
    def told(self, alarm: Alarm) -> datetime | None:
        """Empty where there was nobody to tell: then it is only done with."""
        return None if alarm.trouble == NOBODY else alarm.told_at

    def has_view_permission(self, request: HttpRequest, obj: Alarm | None = None) -> bool:
        """Whoever may see recordings may see what threatens them."""
        return request.user.has_perm("media.view_streamsession")
