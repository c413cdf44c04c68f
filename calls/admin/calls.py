"""Calls as they are known. Knows nothing of audio."""

from django.contrib import admin

from calls.models import Call
from calls.window import Window


@admin.register(Call)
class CallAdmin(Window[Call]):
    list_display = ("created_at", "direction", "state", "callees", "from_id", "connected_at", "ended_at", "end_reason")
    list_filter = ("state", "direction", "channels", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("created_by",)
    search_fields = ("call_connection_id__startswith", "correlation_id__startswith", "from_id")
    search_help_text = "From, or the beginning of a call connection or correlation id"

    @admin.display(description="to")
    def callees(self, call: Call) -> str:
        return ", ".join(str(callee) for callee in call.to) or "–"
