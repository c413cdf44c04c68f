"""Forms of a person's own pages."""

import hashlib
from typing import Any

from django import forms
from django.contrib.auth import forms as auth
from django.contrib.auth.models import User
from django.core.cache import caches
from unfold.forms import AuthenticationForm

from calls.models import ApiToken

MOST_TOKENS = 50
MOST_FAILURES, FORGOTTEN_AFTER = 10, 300
TOO_OFTEN = "Too many wrong passwords for this user name; try again in five minutes."
LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "no end"))


class Styled(forms.Form):
    """Fields as the console draws them; the page decides where the cursor is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs.pop("autofocus", None)


class Patient(auth.AuthenticationForm):
    """Refuses to go on guessing: after MOST_FAILURES for a name from one address, for FORGOTTEN_AFTER seconds."""

    def clean(self) -> dict[str, Any]:
        cache = caches["throttle"]
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        name = str(self.cleaned_data.get("username", "")).lower()
        key = f"login-{hashlib.sha256(f'{address} {name}'.encode()).hexdigest()}"
        if cache.get(key, 0) >= MOST_FAILURES:
            raise forms.ValidationError(TOO_OFTEN, code="too_often")
        try:
            cleaned: dict[str, Any] = super().clean()
        except forms.ValidationError:
            cache.add(key, 0, FORGOTTEN_AFTER)
            cache.incr(key)
            raise
        cache.delete(key)
        return cleaned


class LoginForm(Patient):
    """The console's."""


class AdminLoginForm(Patient, AuthenticationForm):  # type: ignore[misc]  # unfold has no types
    """The admin's (settings.UNFOLD)."""


class PasswordForm(Styled, auth.PasswordChangeForm):
    """Asks for the old password too: an open browser is no proof."""


class TokenForm(Styled):
    """A new API token of one's own."""

    name = forms.CharField(label="What it is for", max_length=100, help_text="For example “nightly export”.")
    lifetime = forms.ChoiceField(label="Valid for", choices=LIFETIMES, required=False, initial="90")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> None:
        super().clean()
        if ApiToken.objects.filter(user=self.user).count() >= MOST_TOKENS:
            raise forms.ValidationError(f"You have {MOST_TOKENS} tokens, the most there can be; revoke one first.")

    def days(self) -> int | None:
        chosen: str = self.cleaned_data["lifetime"]
        return int(chosen) if chosen else None
