"""Calls that come in, and by which rules they are answered."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from calls.models.call import Call


class IncomingCall(models.Model):
    """A call that rings here until somebody answers, rejects or redirects it, or it rings no longer."""

    class State(models.TextChoices):
        RINGING = "ringing"
        ANSWERING = "answering"
        ANSWERED = "answered"
        REJECTED = "rejected"
        REDIRECTED = "redirected"
        EXPIRED = "expired", "rang too long"
        GONE = "gone", "the caller gave up"
        OWN = "own", "a leg of our own call"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.RINGING)
    from_raw_id = models.CharField(max_length=500)
    to_raw_id = models.CharField(max_length=500)
    display_name = models.CharField(max_length=200, blank=True)
    context = models.TextField()  # incomingCallContext: whoever has it can answer, so no page and no API shows it
    server_call_id = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=100, blank=True, db_index=True)
    received_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField(blank=True)
    call = models.OneToOneField(Call, null=True, blank=True, on_delete=models.SET_NULL, related_name="incoming")

    class Meta:
        ordering = ("-received_at", "-id")
        indexes = (
            models.Index(fields=["-received_at", "-id"], name="incoming_newest"),
            models.Index(fields=["expires_at"], name="incoming_ringing", condition=models.Q(state="ringing")),
        )

    def __str__(self) -> str:
        return f"{self.display_name or self.from_raw_id} calls {self.to_raw_id}"


class AnswerRule(models.Model):
    """Calls to this number are answered by themselves, in this way."""

    called = models.CharField(
        max_length=300, unique=True, help_text="The called number or id: +15550199, 8:acs:… or * for every call."
    )
    enabled = models.BooleanField(default=True)
    channels = models.CharField(max_length=8, default="unmixed", choices=(("unmixed", "unmixed"), ("mixed", "mixed")))
    sample_rate = models.PositiveIntegerField(default=16_000, choices=((16_000, "16 kHz"), (24_000, "24 kHz")))
    dtmf = models.BooleanField("keys", default=False, help_text="Also receive the keys that people press.")
    bidirectional = models.BooleanField(
        "both ways", default=False, help_text="ACS also takes sound that is sent back over the media socket."
    )
    transcription_locale = models.CharField(
        "transcription",
        max_length=Call.LONGEST_LOCALE,
        blank=True,
        help_text="A language, like en-US or de-DE; empty: none.",
    )
    announce = models.TextField(
        blank=True, help_text="What callers hear before recording begins: a text, or the name of a sound."
    )
    announcement_required = models.BooleanField(
        default=True, help_text="Do not record when the announcement could not be played."
    )
    then_add = models.JSONField(default=list, blank=True, help_text='Who is added once it is answered: ["+15550100"]')

    class Meta:
        ordering = ("called",)

    def __str__(self) -> str:
        return self.called
