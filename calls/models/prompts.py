"""Sounds that callers hear."""

import uuid

from django.db import models
from django.utils import timezone


class Prompt(models.Model):
    """A sound in the format that ACS takes (mono, 16 bit, 16 kHz WAV); it stands in the row, so that every process
    has it and a backup of the database is whole."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)
    wav = models.BinaryField()
    duration_ms = models.IntegerField()
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name",)
        verbose_name = "sound"

    def __str__(self) -> str:
        return self.name
