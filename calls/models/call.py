"""A call from the request to its end."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Call(models.Model):
    """Its state is changed by events only (calls/lifecycle.py). What was asked for stands beside what is known; what is
    due next follows from both (calls/services/due.py), so a process that dies forgets nothing."""

    class State(models.TextChoices):
        PLACING = "placing"
        RINGING = "ringing"
        CONNECTED = "connected"
        DISCONNECTING = "disconnecting"
        ENDED = "ended"
        FAILED = "failed"

    class Direction(models.TextChoices):
        OUTBOUND = "outbound"
        INBOUND = "inbound"
        JOINED = "joined"

    class Announcement(models.TextChoices):
        NONE = "none", "no announcement"
        WAITING = "waiting", "to be announced"
        PLAYING = "playing", "is being announced"
        DONE = "done", "announced"
        FAILED = "failed", "could not be announced"

    class Streaming(models.TextChoices):
        """What ACS said last of the stream to us."""

        UNKNOWN = "", "nothing said yet"
        STARTED = "started"
        STOPPED = "stopped"
        FAILED = "failed"

    OVER: ClassVar = (State.ENDED, State.FAILED)
    LONGEST_LOCALE = 20

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    direction = models.CharField(max_length=10, choices=Direction)
    state = models.CharField(max_length=14, choices=State, default=State.PLACING)
    to = models.JSONField(default=list)
    from_id = models.CharField(max_length=300, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    call_connection_id = models.CharField(max_length=100, blank=True, db_index=True)
    server_call_id = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=100, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)
    connected_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_code = models.IntegerField(null=True, blank=True)
    end_subcode = models.IntegerField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    transferred_to = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The stream: as asked for, and as ACS reports it.
    channels = models.CharField(max_length=8, default="unmixed")
    sample_rate = models.PositiveIntegerField(default=16_000)
    bidirectional = models.BooleanField(default=False)
    dtmf = models.BooleanField(default=False)
    transcription_locale = models.CharField(max_length=LONGEST_LOCALE, blank=True)
    streaming_wanted = models.BooleanField(default=True)
    streaming = models.CharField(max_length=8, choices=Streaming, default="", blank=True)
    streaming_stopped_by = models.CharField(max_length=150, blank=True)
    streaming_lost_at = models.DateTimeField(null=True, blank=True)
    streaming_tries = models.IntegerField(default=0)
    streaming_next_at = models.DateTimeField(null=True, blank=True)
    streaming_trouble = models.TextField(blank=True)
    # What is to happen once it is connected.
    announce = models.TextField(blank=True)
    announcement = models.CharField(max_length=8, choices=Announcement, default=Announcement.NONE)
    announce_until = models.DateTimeField(null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    announcement_required = models.BooleanField(default=True)
    then_add = models.JSONField(default=list, blank=True)
    # Signs of life, for the reconciler.
    last_sign_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True, blank=True)
    participants_sequence = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("-created_at", "-id")
        permissions = (("place_call", "Can place calls"), ("control_call", "Can control running calls"))
        indexes = (
            models.Index(fields=["-created_at", "-id"], name="call_newest"),
            models.Index(fields=["connected_at"], name="call_connected", condition=Q(connected_at__isnull=False)),
            models.Index(fields=["last_sign_at"], name="call_open", condition=~Q(state__in=("ended", "failed"))),
        )
        constraints = (
            models.CheckConstraint(condition=Q(channels__in=("mixed", "unmixed")), name="call_channels_known"),
            models.CheckConstraint(condition=Q(sample_rate__in=(16_000, 24_000)), name="call_rate_known"),
            models.CheckConstraint(
                condition=Q(state__in=("ended", "failed")) ^ Q(ended_at__isnull=True), name="call_over_has_an_end"
            ),
            models.UniqueConstraint(
                fields=["call_connection_id"], condition=~Q(call_connection_id=""), name="call_connection_once"
            ),
        )

    def __str__(self) -> str:
        others = ", ".join(str(callee) for callee in self.to)
        return (
            f"call from {self.from_id or 'unknown'}" if self.direction == "inbound" else f"call to {others or 'a call'}"
        )

    @property
    def is_over(self) -> bool:
        return self.state in self.OVER
