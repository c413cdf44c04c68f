"""The figures of one running session as they are now, for who looks at it: what is archived, and what its spool holds
beyond that (media/archiver/foresight.py). Counted at most once a second for each session however many look, and only
in a share of this process's time; beyond it, and where the spool is out of sight, figures stay as they are stored."""

import threading
import time
from collections.abc import Iterable, Sequence
from uuid import UUID

from media.archiver.foresight import Foresight, foresee
from media.models import TICKS_PER_MS, Gap, StreamSession

FRESH_SECONDS = 1.0
SHARE = 0.2  # of one core; as much may be spent at once
COUNTED = ("received", "stored", "silent", "duplicate", "late")

_lock = threading.Lock()  # one counts at a time; those who want the same session find its figures then
_kept: dict[UUID, tuple[float, Foresight | None]] = {}


class _Allowance:
    """Seconds of CPU that may be spent, in hand."""

    def __init__(self) -> None:
        self.left, self.at = SHARE, time.monotonic()

    def is_left(self) -> bool:
        now = time.monotonic()
        self.left, self.at = min(SHARE, self.left + (now - self.at) * SHARE), now
        return self.left > 0


_allowance = _Allowance()


def freshen(session: StreamSession) -> Sequence[Gap]:
    """Brings the figures, lanes and connections of a session up to date in memory; its lanes and connections are
    prefetched. The gaps that are not stored yet. Of a session that is over nothing is changed."""
    found = _seen(session.pk) if session.live else None
    if found is None:
        return ()
    _tell(session, found)
    return found.gaps


def is_awaited(session: StreamSession, participants: Iterable[UUID]) -> bool:
    """Whether all of these are heard, and of one nothing is archived yet."""
    found = _seen(session.pk) if session.live else None
    return found is not None and found.lanes.keys() >= set(participants)


def _seen(session_id: UUID) -> Foresight | None:
    with _lock:
        now = time.monotonic()
        if (kept := _kept.get(session_id)) and now - kept[0] < FRESH_SECONDS:
            return kept[1]
        for key in [key for key, (at, _) in _kept.items() if now - at >= FRESH_SECONDS]:
            del _kept[key]
        if not _allowance.is_left():
            return None
        began = time.thread_time()
        found = foresee(session_id)
        _allowance.left -= time.thread_time() - began
        _kept[session_id] = now, found
        return found


def _tell(session: StreamSession, found: Foresight) -> None:
    lanes = list(found.lanes.values())
    for name in COUNTED:
        setattr(session, name, sum(getattr(lane, name) for lane in lanes))
    session.malformed = sum(row.malformed for row in found.connections)
    session.unknown = sum(row.unknown for row in found.connections)
    if lanes:
        session.origin_ticks = min(lane.first_ticks for lane in lanes)
        session.end_ticks = max(lane.end_ticks for lane in lanes)
        session.duration_ms = (session.end_ticks - session.origin_ticks) // TICKS_PER_MS
    session.channels, session.sample_rate = found.session.channels, found.session.sample_rate
    session.gap_count = found.session.gap_count + len(found.gaps) - len(found.stale)
    session.gap_ms = sum(lane.gap_ticks // TICKS_PER_MS for lane in lanes)
    known = {row.pk: row for row in found.connections}
    for row in session.connections.all():
        if now := known.get(row.pk):
            row.subscription_id, row.metadata = now.subscription_id, now.metadata
            row.malformed, row.unknown, row.overload = now.malformed, now.unknown, now.overload
    session._prefetched_objects_cache["participants"] = lanes  # type: ignore[attr-defined]  # what .all() gives then
