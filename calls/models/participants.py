"""Who is in a call, as ACS says."""

from django.db import models
from django.utils import timezone

from calls.models.call import Call


class CallParticipant(models.Model):
    """`left_at` is null while they are in it; who comes back is the same row. `name` is ACS's; the address book, where
    it knows them, is asked when somebody reads (calls/services/naming.py)."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="participants")
    raw_id = models.CharField(max_length=500, db_index=True)
    name = models.CharField(max_length=200, blank=True)
    is_muted = models.BooleanField(default=False)
    is_on_hold = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("joined_at", "id")
        constraints = (models.UniqueConstraint(fields=["call", "raw_id"], name="call_participant_once"),)

    def __str__(self) -> str:
        return self.name or self.raw_id
