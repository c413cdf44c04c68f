"""Which recordings the reader of a page has listened to, for templates of apps that do not know recordings."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import template
from django.contrib.auth.models import User

from media.pages import browse

register = template.Library()


@register.simple_tag
def heard_by(user: User, rows: Iterable[Any]) -> set[UUID]:
    """`rows` with a session each, or None."""
    return browse.heard(user, [row.session.pk for row in rows if row.session])
