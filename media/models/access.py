"""Who heard what."""

from typing import Any

from django.db import models
from django.utils import timezone


class AccessEntry(models.Model):
    """Who listened to, downloaded or viewed what, which milliseconds. Append-only (a trigger refuses the rest), and it
    outlives the session and the user, so it names both instead of pointing at them."""

    class Action(models.TextChoices):
        VIEW = "view"
        HEAR_LIVE = "hear_live"
        REPLAY = "replay"
        DOWNLOAD = "download"
        DELETE = "delete"
        BUNDLE = "bundle", "support bundle"
        HOLD = "hold"
        RELEASE = "release"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=timezone.now)
    session_id = models.UUIDField(db_index=True)
    username = models.CharField(max_length=150)
    via = models.CharField(max_length=10)  # console, admin, api
    action = models.CharField(max_length=9, choices=Action)
    from_ms = models.BigIntegerField(null=True, blank=True)
    to_ms = models.BigIntegerField(null=True, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "access entries"

    def __str__(self) -> str:
        return f"{self.username}: {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("An access entry is never changed.")
        super().save(*args, **kwargs)
