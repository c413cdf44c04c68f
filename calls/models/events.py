"""What happened to calls, as it was told: rows are added, never changed."""

from typing import Any

from django.db import models
from django.utils import timezone

from calls.models.call import Call


class CallEvent(models.Model):
    """Something that happened to a call. `event_id` is the sender's, so that an event that comes twice is one. `at` is
    the sender's clock, `received_at` ours. A trigger refuses changes."""

    class By(models.TextChoices):
        ACS = "acs", "ACS"
        US = "us", "this server"
        PERSON = "person", "a person or program"
        RECONCILER = "reconciler", "asked of ACS"

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=80)
    by = models.CharField(max_length=10, choices=By)
    username = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(default=timezone.now)
    received_at = models.DateTimeField(default=timezone.now)
    old_state = models.CharField(max_length=14, choices=Call.State)
    new_state = models.CharField(max_length=14, choices=Call.State)
    text = models.TextField(blank=True)
    raw = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=["call", "-id"], name="event_of_call"),)

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}" if self.text else self.kind

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("A call's event is never changed.")
        super().save(*args, **kwargs)


class Witness(models.Model):
    """What Event Grid says of a call, independently of its callbacks: that it started, that it ended."""

    event_id = models.CharField(max_length=200, primary_key=True)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    server_call_id = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=100, blank=True, db_index=True)
    duration_ms = models.BigIntegerField(null=True, blank=True)
    raw = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-at",)
        verbose_name_plural = "witnesses"

    def __str__(self) -> str:
        return f"{self.kind} {self.correlation_id}"
