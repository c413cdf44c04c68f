"""That the recorder proved itself, when, who asked for it, and what came of it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class SelfProof(models.Model):
    """One proof (media/selfproof/), from its start to its end: written by the program alone, kept for good. `checks`
    are what was found so far, each {"name", "good", "words"}; `session_id` is that of the coded sound, which is gone
    where all is well."""

    id = models.BigAutoField(primary_key=True)
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.CharField(max_length=150, blank=True)  # nobody's name: the command line
    seen_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    step = models.CharField(max_length=200, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    session_id = models.UUIDField(null=True, blank=True)
    good = models.BooleanField(null=True, blank=True)
    checks = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = "self-proof"
        constraints = (
            models.CheckConstraint(condition=Q(finished_at__isnull=True) ^ Q(good__isnull=False), name="proof_decided"),
        )

    def __str__(self) -> str:
        return f"self-proof of {self.started_at:%Y-%m-%d %H:%M} UTC"
