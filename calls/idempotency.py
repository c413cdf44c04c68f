"""Idempotency keys: a request that is sent again places no second call."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from calls.errors import InvalidRequest
from calls.models import Call, PlacedOnce

KEPT = timedelta(days=1)
ANOTHER = "This Idempotency-Key was used for another request; use a new key for a new call."


def begin_once(user: User, key: str, request: dict[str, Any], begin: Callable[[], Call]) -> tuple[Call, bool]:
    """The call of this key, and whether it is new. Raises InvalidRequest where the key stands for another request."""
    if not key:
        return begin(), True
    if len(key) > 200:
        raise InvalidRequest("An Idempotency-Key has at most 200 characters.")
    if not key.isprintable():
        raise InvalidRequest("An Idempotency-Key holds only characters that can be seen.")
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
    PlacedOnce.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    if known := _known(user, key, digest):
        return known, False
    try:
        with transaction.atomic():
            call = begin()
            PlacedOnce.objects.create(user=user, key=key, digest=digest, call=call)
            return call, True
    except IntegrityError:
        known = _known(user, key, digest)
        if known is None:
            raise
        return known, False


def _known(user: User, key: str, digest: str) -> Call | None:
    row = PlacedOnce.objects.select_related("call").filter(user=user, key=key).first()
    if row and row.digest != digest:
        raise InvalidRequest(ANOTHER)
    return row.call if row else None
