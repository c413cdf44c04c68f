"""What is known of a telephone call, and the tokens of programs. Knows nothing of audio."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Call(models.Model):
    """A call from the wish to its end. Its state is changed by events only."""

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

    OVER: ClassVar = (State.ENDED, State.FAILED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    direction = models.CharField(max_length=10, choices=Direction)
    state = models.CharField(max_length=14, choices=State, default=State.PLACING)
    to = models.JSONField(default=list)
    from_id = models.CharField(max_length=300, blank=True)
    call_connection_id = models.CharField(max_length=100, blank=True, db_index=True)
    server_call_id = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=100, blank=True, db_index=True)
    channels = models.CharField(max_length=8, default="unmixed")
    sample_rate = models.PositiveIntegerField(default=16_000)
    created_at = models.DateTimeField(default=timezone.now)
    connected_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_code = models.IntegerField(null=True, blank=True)
    end_subcode = models.IntegerField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-created_at", "-id")
        permissions = (("place_call", "Can place calls"), ("control_call", "Can control running calls"))
        indexes = (models.Index(fields=["-created_at", "-id"], name="call_newest"),)
        constraints = (
            models.CheckConstraint(condition=Q(channels__in=("mixed", "unmixed")), name="call_channels_known"),
            models.CheckConstraint(condition=Q(sample_rate__in=(16_000, 24_000)), name="call_rate_known"),
            models.CheckConstraint(
                condition=Q(state__in=("ended", "failed")) ^ Q(ended_at__isnull=True), name="call_over_has_an_end"
            ),
        )

    def __str__(self) -> str:
        return f"{self.direction} call {self.id}"


class ApiToken(models.Model):
    """A program's key to the REST API. Only its SHA-256 is stored; the token itself is shown once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = "API token"

    def __str__(self) -> str:
        return self.name or f"token {self.pk}"

    @classmethod
    def make(cls, user: AbstractBaseUser, name: str = "", days: int | None = None) -> tuple["ApiToken", str]:
        """A new row and its token: 43 URL-safe characters, 256 random bits (so a plain hash is enough)."""
        token = secrets.token_urlsafe(32)
        expires_at = timezone.now() + timedelta(days=days) if days else None
        return cls.objects.create(user=user, name=name, digest=cls.digest_of(token), expires_at=expires_at), token

    @classmethod
    def find(cls, token: str, now: datetime) -> "ApiToken | None":
        """The row of a token that is valid at `now` and whose user is active."""
        living = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        return (
            cls.objects.select_related("user").filter(living, digest=cls.digest_of(token), user__is_active=True).first()
        )

    @staticmethod
    def digest_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()
