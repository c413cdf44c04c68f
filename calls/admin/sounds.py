"""Sounds that callers hear: any sound file goes in, what ACS plays is kept, and can be heard here."""

from pathlib import PurePath
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from calls.errors import UnplayableSound
from calls.models import AnswerRule, Prompt
from calls.prompt_audio import LONGEST_SECONDS, MOST_BYTES, prompt_of
from calls.read_only_admin import ModelAdmin, ModelForm

FORMS = f"WAV, FLAC, MP3, Ogg or AIFF, at most {LONGEST_SECONDS // 60} minutes. Becomes what ACS plays: mono, 16 kHz."


class SoundForm(ModelForm[Prompt]):
    """The file is read as a whole when it is checked; what came of it waits in `made`."""

    name = forms.CharField(
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Rules and calls name it so. Empty: as the file.",
    )
    file = forms.FileField(required=False, label="Sound file", help_text=FORMS, widget=UnfoldAdminFileFieldWidget())

    class Meta:
        model = Prompt
        fields: ClassVar = ("name",)

    def clean_file(self) -> "UploadedFile[bytes] | None":
        file: UploadedFile[bytes] | None = self.cleaned_data.get("file")
        if file is None:
            if self.instance.duration_ms is None:
                raise forms.ValidationError("Choose a sound file.")
            return None
        try:
            if (file.size or 0) > MOST_BYTES:
                raise UnplayableSound(name=file.name, why=f"it is larger than {MOST_BYTES >> 20} MB.")
            made = prompt_of(file.read(), file.name or "This file")
        except UnplayableSound as error:
            raise forms.ValidationError(str(error)) from None
        self.instance.wav, self.instance.duration_ms = made.wav, made.duration_ms
        return file

    def clean_name(self) -> str:
        upload = self.files.get("file")
        given = (
            " ".join(str(self.cleaned_data["name"]).split())
            or PurePath((upload.name if upload else "") or "").stem[:100]
        )
        if not given:
            raise forms.ValidationError("Give it a name.")
        return given


@admin.register(Prompt)
class PromptAdmin(ModelAdmin[Prompt]):
    form = SoundForm
    list_display = ("name", "lasts", "sound", "used_by", "uploaded")
    search_fields = ("name",)
    readonly_fields = ("lasts", "sound", "used_by")

    class Media:
        css = {"all": ("media/player.css", "media/session.css", "media/admin.css", "calls/admin.css")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prompt]:
        return super().get_queryset(request).defer("wav")

    def get_fields(self, request: HttpRequest, obj: Prompt | None = None) -> tuple[str, ...]:
        return ("name", "file", "lasts", "sound", "used_by") if obj else ("file", "name")

    def get_urls(self) -> list[URLPattern]:
        wav = path("<uuid:prompt_id>/wav/", self.admin_site.admin_view(self.wav), name="calls_prompt_wav")
        return [wav, *super().get_urls()]

    def wav(self, request: HttpRequest, prompt_id: Any) -> HttpResponse:
        """For the player of the page; ACS has an address of its own."""
        prompt = get_object_or_404(Prompt, pk=prompt_id)
        if not self.has_view_permission(request, prompt):
            return HttpResponse("You may not hear sounds; this needs the right calls.view_prompt.", status=403)
        return HttpResponse(bytes(prompt.wav), content_type="audio/wav", headers={"Cache-Control": "private, no-cache"})

    @admin.display(description="duration", ordering="duration_ms")
    def lasts(self, prompt: Prompt) -> str:
        return f"{prompt.duration_ms / 1000:.1f} s"

    @admin.display
    def sound(self, prompt: Prompt) -> SafeString:
        url = reverse("admin:calls_prompt_wav", args=(prompt.pk,))
        player = '<audio class="sound" controls preload="none" src="{}" aria-label="{}"></audio>'
        return format_html(player, url, prompt.name)

    @admin.display(description="uploaded (UTC)", ordering="uploaded_at")
    def uploaded(self, prompt: Prompt) -> str:
        return f"{prompt.uploaded_at:%Y-%m-%d %H:%M}"

    @admin.display(description="announced by rules")
    def used_by(self, prompt: Prompt) -> str:
        return ", ".join(_rules(prompt.name)) or "none"

    def save_model(self, request: HttpRequest, obj: Prompt, form: Any, change: bool) -> None:
        """Rules that announce it follow when it is called otherwise."""
        old = Prompt.objects.filter(pk=obj.pk).values_list("name", flat=True).first() if change else None
        super().save_model(request, obj, form, change)
        if old and old != obj.name and (moved := AnswerRule.objects.filter(announce=old).update(announce=obj.name)):
            messages.info(request, f"{moved} rule{'s' if moved > 1 else ''} announced “{old}”, and now “{obj.name}”.")

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What a rule announces stays: without the sound its name would be spoken as a text, or nothing."""
        protected = [f"The rule for {called} announces “{prompt}”" for prompt in objs for called in _rules(prompt.name)]
        lines = [f"{prompt}, {self.lasts(prompt)}" for prompt in objs]
        return lines, {"sounds": len(lines)}, set(), protected


def _rules(name: str) -> list[str]:
    return list(AnswerRule.objects.filter(announce=name).values_list("called", flat=True))
