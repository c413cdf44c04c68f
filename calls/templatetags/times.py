"""Times for people: as the server writes them they are UTC and say so; static/console/clock.js shows them by the clock
of whoever reads, with UTC in the title."""

from datetime import UTC, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def local(at: datetime | None) -> SafeString:
    """Day and time; a dash where there is none."""
    return _time(at, "%Y-%m-%d %H:%M:%S UTC", "")


@register.filter
def local_time(at: datetime | None) -> SafeString:
    """Without the day, where another time beside it has it."""
    return _time(at, "%H:%M:%S UTC", "time")


@register.filter
def local_day(at: datetime | None) -> SafeString:
    return _time(at, "%Y-%m-%d", "day")


def _time(at: datetime | None, form: str, part: str) -> SafeString:
    if at is None:
        return mark_safe("–")
    at = at.astimezone(UTC)
    return format_html('<time datetime="{}" data-local="{}">{}</time>', at.isoformat(), part, at.strftime(form))
