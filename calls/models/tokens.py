"""Keys of programs to the REST API."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.utils import timezone


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
