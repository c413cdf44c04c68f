"""Requests that must not happen twice."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from calls.models.call import Call


class PlacedOnce(models.Model):
    """The call that an Idempotency-Key of a user stands for; `digest` is of the request, so that another request with
    the same key is refused."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="placed_once"),)

    def __str__(self) -> str:
        return self.key
