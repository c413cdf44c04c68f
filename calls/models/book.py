"""The address book: who stands behind a raw id, for all calls at once."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Person(models.Model):
    """A raw id with a name."""

    raw_id = models.CharField(max_length=500, unique=True, help_text="4:+15550100, 8:acs:…, 8:orgid:…")
    name = models.CharField(max_length=200)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("name", "raw_id")
        verbose_name_plural = "address book"

    def __str__(self) -> str:
        return self.name
