"""Tokens of programs: seen and revoked here, made by `manage.py createtoken`, which alone can show one."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from calls.models import ApiToken
from calls.read_only_admin import ReadOnlyAdmin


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin[ApiToken]):
    list_display = ("__str__", "user", "created_at", "expires_at", "last_used_at", "valid")
    list_filter = (
        ("last_used_at", admin.EmptyFieldListFilter),
        ("expires_at", admin.DateFieldListFilter),
        ("created_at", admin.DateFieldListFilter),
    )
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    search_help_text = "Name or user"
    fields = ("name", "user", "created_at", "expires_at", "last_used_at", "valid")
    readonly_fields = ("valid",)

    @admin.display(boolean=True)
    def valid(self, token: ApiToken) -> bool:
        return token.user.is_active and (token.expires_at is None or token.expires_at > timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Deleting a token is revoking it: it works no more from the next request on."""
        return request.user.has_perm("calls.delete_apitoken")
