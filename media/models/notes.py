"""What people write about a session: notes, markers at a moment, tags. Each names its author instead of pointing at the
user, because it outlives them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from media.models.sessions import StreamSession

LONGEST_NOTE, LONGEST_TAG = 2000, 50


class Note(models.Model):
    """A note on a session; with `at_ms` a marker at that moment of it."""

    session = models.ForeignKey(StreamSession, on_delete=models.CASCADE, related_name="notes")
    at_ms = models.BigIntegerField(null=True, blank=True)
    text = models.CharField(max_length=LONGEST_NOTE)
    username = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="note_says_something"),
            models.CheckConstraint(condition=Q(at_ms__isnull=True) | Q(at_ms__gte=0), name="note_within_session"),
        )

    def __str__(self) -> str:
        return self.text


class Tag(models.Model):
    """A word that sessions have in common; each once."""

    session = models.ForeignKey(StreamSession, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=LONGEST_TAG)
    username = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=["session", "name"], name="tag_once"),
            models.CheckConstraint(condition=~Q(name=""), name="tag_says_something"),
        )

    def __str__(self) -> str:
        return self.name
