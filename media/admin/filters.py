"""The questions that people ask of the list of sessions. Each filter is one condition on columns of the session."""

from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from calls.read_only_admin import ModelAdmin
from media.admin.completeness import NOTHING_CAPTURED
from media.models import StreamSession


class ConditionFilter(SimpleListFilter):
    """A filter whose choices are conditions."""

    conditions: ClassVar[dict[str, tuple[str, Q]]] = {}

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(value, text) for value, (text, _) in self.conditions.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StreamSession]) -> QuerySet[StreamSession]:
        chosen = self.conditions.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class TroubleFilter(ConditionFilter):
    title = "what went wrong"
    parameter_name = "trouble"
    nothing = Q(live=False, stored=0)
    conditions = {
        "gaps": ("has gaps", Q(gap_count__gt=0)),
        "malformed": ("unreadable messages", Q(malformed__gt=0)),
        "no-audio": ("no audio captured", NOTHING_CAPTURED),
        "interrupted": ("interrupted", Q(state=StreamSession.State.INTERRUPTED)),
        "failed": ("failed", Q(state=StreamSession.State.FAILED)),
        "none": (
            "nothing",
            Q(gap_count=0, malformed=0) & ~nothing & ~Q(state__in=("interrupted", "failed", "no_audio")),
        ),
    }


class DurationFilter(ConditionFilter):
    title = "duration"
    parameter_name = "duration"
    conditions = {
        "10s": ("under 10 s", Q(duration_ms__lt=10_000)),
        "1min": ("10 s to 1 min", Q(duration_ms__gte=10_000, duration_ms__lt=60_000)),
        "10min": ("1 to 10 min", Q(duration_ms__gte=60_000, duration_ms__lt=600_000)),
        "1h": ("10 min to 1 h", Q(duration_ms__gte=600_000, duration_ms__lt=3_600_000)),
        "long": ("over 1 h", Q(duration_ms__gte=3_600_000)),
    }
