"""Media URLs that were given out. The signed URL itself is never shown again."""

from django.contrib import admin
from django.utils import timezone

from calls.read_only_admin import ReadOnlyAdmin
from media.models import MediaUrl


@admin.register(MediaUrl)
class MediaUrlAdmin(ReadOnlyAdmin[MediaUrl]):
    list_display = ("__str__", "external_id", "reusable", "valid", "created_at", "expires_at", "created_by")
    list_filter = ("reusable", ("expires_at", admin.DateFieldListFilter), ("created_at", admin.DateFieldListFilter))
    list_select_related = ("created_by",)
    search_fields = ("label", "external_id")
    search_help_text = "Label or external id"
    ordering = ("-created_at",)
    fields = ("id", "label", "external_id", "reusable", "valid", "created_at", "expires_at", "created_by")
    readonly_fields = ("id", "valid")

    @admin.display(boolean=True)
    def valid(self, url: MediaUrl) -> bool:
        return url.expires_at > timezone.now()
