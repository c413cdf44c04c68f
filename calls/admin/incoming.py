"""Calls that came in, and what Event Grid says of calls: to look at. What opens a call (its context) is not shown."""

import json

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls.identifiers import display_of
from calls.masking import masked
from calls.models import IncomingCall, Witness
from calls.read_only_admin import ReadOnlyAdmin

CSS = {"all": ("media/player.css", "media/session.css", "media/admin.css", "calls/admin.css")}


@admin.register(IncomingCall)
class IncomingCallAdmin(ReadOnlyAdmin[IncomingCall]):
    list_display = ("came", "caller", "called", "state_now", "decided_by", "what_followed", "answered")
    list_filter = ("state", ("received_at", admin.DateFieldListFilter))
    list_select_related = ("decided_by", "call")
    search_fields = ("from_raw_id", "to_raw_id", "display_name", "correlation_id__startswith")
    search_help_text = "A number or name, or the beginning of a correlation id"
    fields = (
        ("caller", "called"),
        ("state_now", "what_followed"),
        ("came", "expires_at"),
        ("decided_at", "decided_by"),
        "answered",
        "correlation_id",
        "server_call_id",
    )
    readonly_fields = ("caller", "called", "state_now", "what_followed", "came", "answered")

    class Media:
        css = CSS

    @admin.display(description="came (UTC)", ordering="received_at")
    def came(self, row: IncomingCall) -> str:
        return f"{row.received_at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="from", ordering="from_raw_id")
    def caller(self, row: IncomingCall) -> str:
        number = display_of(row.from_raw_id)
        return f"{row.display_name} ({number})" if row.display_name and row.display_name != number else number

    @admin.display(description="to", ordering="to_raw_id")
    def called(self, row: IncomingCall) -> str:
        return display_of(row.to_raw_id)

    @admin.display(description="state", ordering="state")
    def state_now(self, row: IncomingCall) -> SafeString:
        return format_html('<span class="state state-{}">{}</span>', row.state, row.get_state_display())

    @admin.display(description="what followed")
    def what_followed(self, row: IncomingCall) -> str:
        return row.reason or "–"

    @admin.display(description="call")
    def answered(self, row: IncomingCall) -> SafeString | str:
        if not row.call_id:
            return "–"
        url = reverse("admin:calls_call_change", args=(row.call_id,))
        return format_html('<a class="link" href="{}">{}</a>', url, str(row.call_id)[:8])


@admin.register(Witness)
class WitnessAdmin(ReadOnlyAdmin[Witness]):
    list_display = ("at", "kind", "correlation", "lasted")
    list_filter = ("kind", ("at", admin.DateFieldListFilter))
    search_fields = ("correlation_id__startswith",)
    search_help_text = "The beginning of a correlation id"
    fields = ("kind", ("at", "received_at"), "lasted", "correlation", "server_call_id", "sent")
    readonly_fields = ("correlation", "lasted", "sent")

    class Media:
        css = CSS

    @admin.display(ordering="correlation_id")
    def correlation(self, row: Witness) -> SafeString | str:
        """With a way to the calls that share it."""
        url = reverse("admin:calls_call_changelist")
        link = '<a class="link" href="{}?q={}">{}</a>'
        return format_html(link, url, row.correlation_id, row.correlation_id) if row.correlation_id else "–"

    @admin.display(description="duration", ordering="duration_ms")
    def lasted(self, row: Witness) -> str:
        return "–" if row.duration_ms is None else f"{row.duration_ms / 1000:.0f} s"

    @admin.display(description="as it came")
    def sent(self, row: Witness) -> SafeString:
        return format_html("<pre>{}</pre>", masked(json.dumps(row.raw, indent=2, ensure_ascii=False)))
