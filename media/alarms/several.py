"""Calls that are in trouble together, as after an outage, are one incident: who is told of a hundred reads none."""

from collections.abc import Iterable, Iterator

from django.urls import reverse

from media.alarms.conditions import Wrong
from media.models import Alarm

FEW = 3
SUBJECT = "several"
WORDS = {
    Alarm.Kind.SOUND_LOST: "{count} calls go on unrecorded. The first: {text}",
    Alarm.Kind.ONE_SIDED: "{count} one-sided calls. The first: {text}",
}


def together(wrong: Iterable[Wrong]) -> Iterator[Wrong]:
    """What is an incident of its own already stays one, and what is one of several stays that, so that none ends
    before its trouble."""
    found: dict[Alarm.Kind, list[Wrong]] = {}
    for one in wrong:
        found.setdefault(one.kind, []).append(one)
    for kind, those in found.items():
        yield from _of_kind(kind, those) if kind in WORDS else those


def _of_kind(kind: Alarm.Kind, found: list[Wrong]) -> Iterator[Wrong]:
    open_now = set(Alarm.objects.filter(kind=kind, closed_at=None).values_list("subject", flat=True))
    rest = [one for one in found if one.subject not in open_now]
    yield from (one for one in found if one.subject in open_now)
    if len(rest) > FEW or (rest and SUBJECT in open_now):
        text = WORDS[kind].format(count=len(rest), text=rest[0].text)
        path = f"{reverse('calls:calls')}?state=connected"
        yield Wrong(kind, SUBJECT, text if len(rest) > 1 else rest[0].text, path)
    else:
        yield from rest
