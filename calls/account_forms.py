"""Forms of a person's own pages."""

from typing import Any

from django import forms
from django.contrib.auth import forms as auth
from django.contrib.auth.models import User

from calls.models import ApiToken

MOST_TOKENS = 50
LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "no end"))


class Styled(forms.Form):
    """Fields as the console draws them; the page decides where the cursor is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs.pop("autofocus", None)


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
