"""By which rules calls are answered: what people write is checked here, so that a call that comes in is never answered
in a way that cannot work."""

import re
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from calls.errors import InvalidRequest, UncallableTarget
from calls.identifiers import display_of, target_of
from calls.models import AnswerRule, Prompt
from calls.read_only_admin import ModelAdmin, ModelForm
from calls.services import announcing, placing

MOST_ADDED = 10
FOUR = "Unmixed: a lane each, of the four loudest speakers at a time; with five or more, words can be missing."
ONLY_SOUNDS = (
    "Only sounds: a spoken text needs ACS_COGNITIVE_ENDPOINT (an Azure AI services resource), which is unset. "
    "Sounds are uploaded under “Sounds”."
)


class SoundOrText(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # the base has no types
    """A line of text that offers the names of the sounds."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        field = super().render(name, value, {**(attrs or {}), "list": "sounds"}, renderer)
        names = Prompt.objects.values_list("name")
        options = format_html_join("", '<option value="{}"></option>', names)
        return format_html('{}<datalist id="sounds">{}</datalist>', field, options)


class RuleForm(ModelForm[AnswerRule]):
    """`then_add` as people write lists: a number on each line, or between commas."""

    then_add = forms.CharField(
        required=False,
        label="Then add",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Who is added once it is answered: a number or id on each line, or between commas.",
    )

    class Meta:
        model = AnswerRule
        fields: ClassVar = (
            "called",
            "enabled",
            "channels",
            "sample_rate",
            "dtmf",
            "bidirectional",
            "transcription_locale",
            "announce",
            "announcement_required",
            "then_add",
        )
        widgets: ClassVar = {"announce": SoundOrText()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["then_add"] = "\n".join(display_of(raw_id) for raw_id in self.instance.then_add)
        if "channels" in self.fields:
            self.fields["channels"].help_text = FOUR
        if "transcription_locale" in self.fields and not settings.ACS_COGNITIVE_ENDPOINT:
            self.fields["transcription_locale"].help_text = "Not possible: ACS_COGNITIVE_ENDPOINT is unset."
        if "announce" in self.fields and not settings.ACS_COGNITIVE_ENDPOINT:
            self.fields["announce"].help_text = f"What callers hear before recording begins. {ONLY_SOUNDS}"

    def clean_called(self) -> str:
        called = self.cleaned_data["called"].strip()
        return called if called == "*" else display_of(_raw_id(called))

    def clean_announce(self) -> str:
        announce = " ".join(self.cleaned_data["announce"].split())
        try:
            announcing.check(announce)
        except InvalidRequest as error:
            raise forms.ValidationError(str(error)) from None
        return announce

    def clean_transcription_locale(self) -> str:
        locale = str(self.cleaned_data["transcription_locale"]).strip()
        try:
            placing.check_locale(locale)
        except InvalidRequest as error:
            raise forms.ValidationError(str(error)) from None
        return locale

    def clean_then_add(self) -> list[str]:
        given = [word.strip() for word in re.split(r"[,;\n]", self.cleaned_data["then_add"]) if word.strip()]
        if len(given) > MOST_ADDED:
            raise forms.ValidationError(f"At most {MOST_ADDED} can be added.")
        return list(dict.fromkeys(_raw_id(word) for word in given))


def _raw_id(given: str) -> str:
    try:
        return target_of(given).raw_id
    except UncallableTarget as error:
        raise forms.ValidationError(str(error)) from None


@admin.register(AnswerRule)
class AnswerRuleAdmin(ModelAdmin[AnswerRule]):
    form = RuleForm
    list_display = ("called", "enabled", "stream", "announce", "adds")
    list_filter = ("enabled",)
    list_before_template = "admin/calls/answerrule/auto_answer.html"
    fieldsets = (
        (None, {"fields": ("called", "enabled")}),
        ("Announcement", {"fields": ("announce", "announcement_required")}),
        ("Then", {"fields": ("then_add",)}),
        ("Recording", {"fields": ("channels", "sample_rate", "dtmf", "bidirectional", "transcription_locale")}),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "auto_answer": settings.AUTO_ANSWER})

    @admin.display
    def stream(self, rule: AnswerRule) -> str:
        besides = [", keys"] if rule.dtmf else []
        besides += [", both ways"] if rule.bidirectional else []
        besides += [f", transcribed ({rule.transcription_locale})"] if rule.transcription_locale else []
        return f"{rule.channels}, {rule.get_sample_rate_display()}{''.join(besides)}"

    @admin.display(description="then adds")
    def adds(self, rule: AnswerRule) -> str:
        return ", ".join(display_of(raw_id) for raw_id in rule.then_add) or "–"
