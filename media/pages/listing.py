"""How sessions look in a row of a list: values for templates, in a few queries however many rows there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from media.audio.playback import in_order
from media.humanize import age, length, percent, share
from media.models import TICKS_PER_MS, Participant, StreamSession
from media.sessions.doubt import doubt
from media.sessions.titles import titles

COLOURS = 8
SHOWN_PARTICIPANTS = 4


@dataclass(frozen=True)
class Chip:
    """A participant in its colour."""

    row: Participant
    colour: int


@dataclass(frozen=True)
class Row:
    """A session; `share` is the stored part of the expected time in percent, None where nothing is expected."""

    session: StreamSession
    name: str
    since: datetime
    age: str
    length: str
    chips: list[Chip]
    more: int
    share: float | None
    percent: str


def rows(sessions: QuerySet[StreamSession] | Sequence[StreamSession]) -> list[Row]:
    """Of a list, the participants are prefetched."""
    now = timezone.now()
    found = list(sessions.prefetch_related("participants") if isinstance(sessions, QuerySet) else sessions)
    called = titles(found)
    doubt(found)
    return [row(session, called[session.pk], now) for session in found]


def row(session: StreamSession, name: str, now: datetime) -> Row:
    """`session` with its participants prefetched."""
    lanes = in_order(session.participants.all(), session.origin_ticks or 0)
    stored = sum(lane.stored_ticks for lane in lanes) // TICKS_PER_MS
    expected = stored + sum(lane.gap_ticks for lane in lanes) // TICKS_PER_MS
    since = state_since(session)
    return Row(
        session=session,
        name=name,
        since=since,
        age=age(now - since),
        length=length(session.duration_ms) if session.end_ticks is not None else "",
        chips=[Chip(lane, number % COLOURS) for number, lane in enumerate(lanes[:SHOWN_PARTICIPANTS])],
        more=max(0, len(lanes) - SHOWN_PARTICIPANTS),
        share=share(stored, expected) if expected else None,
        percent=percent(stored, expected),
    )


def state_since(session: StreamSession) -> datetime:
    """The evidence that the state rests on: the end, else the last frame, else the beginning."""
    return session.ended_at or session.last_frame_at or session.started_at
