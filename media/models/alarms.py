"""What somebody should know of now."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

UNSEEN = timedelta(seconds=30)  # what is wrong is seen every few seconds


class Alarm(models.Model):
    """One incident, from when it was first seen to its end. It is open once it has lasted (`opened_at`), told once
    (`told_at`), and its end is told once too. A moment's trouble never opens it."""

    class Kind(models.TextChoices):
        ONE_SIDED = "one_sided", "one-sided call"
        SOUND_LOST = "sound_lost", "recording lost"
        DISK = "disk", "disk nearly full"
        SPOOL = "spool", "spool cannot be written"
        ARCHIVE_LAG = "archive_lag", "archiving lags behind"
        ACS_ERRORS = "acs_errors", "ACS refuses"

    kind = models.CharField(max_length=12, choices=Kind)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    path = models.CharField(max_length=300, blank=True)  # of the page where to look
    seen_since = models.DateTimeField()
    seen_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    end_told_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    reached = models.JSONField(default=list, blank=True)  # who took it already, while others did not
    tries = models.IntegerField(default=0)
    trouble = models.TextField(blank=True)  # why nobody could be told

    class Meta:
        ordering = ("-seen_since", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(closed_at=None), name="alarm_once_at_a_time"
            ),
        )

    @property
    def well_since(self) -> datetime | None:
        """Where the trouble is away: the incident is over when it stays away for a while."""
        return self.seen_at if timezone.now() - self.seen_at > UNSEEN else None

    def __str__(self) -> str:
        return self.text
