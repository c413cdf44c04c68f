"""Whether what a row says of a running recording is still so. The archiver writes it while the database can be written;
where it cannot, or its word is old, what processes say of their spools counts, and this one's own at first hand."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from media import running
from media.models import Connection, ServingProcess, StreamSession
from media.sessions.evidence import Judgement, Link, unstored


class Word(NamedTuple):
    """What a process said of its spool."""

    at: datetime
    durable_at: datetime | None
    failing: bool


def doubt(sessions: Sequence[StreamSession]) -> None:
    """Rows that say "recording" say in memory why not, where what comes is not stored. Two queries, none without such
    rows."""
    running = {row.pk: row for row in sessions if row.live and row.state == StreamSession.State.RECORDING}
    if not running:
        return
    now = timezone.now()
    for session_id, links in _open_links(list(running)).items():
        row = running[session_id]
        if found := judged(links, row.last_frame_at, now):
            row.state, row.reason = found.state, found.reason


def judged(links: Sequence[Link], last_frame: datetime | None, now: datetime) -> Judgement | None:
    return unstored(links, last_frame, now, timedelta(seconds=settings.MEDIA_NO_AUDIO_SECONDS))


def _open_links(session_ids: Sequence[UUID]) -> dict[UUID, list[Link]]:
    rows = Connection.objects.filter(session_id__in=session_ids, closed_at=None).order_by()
    found = list(rows.values_list("session_id", "spool", "opened_at", "last_frame_at", "seen_at"))
    words = _words({spool for _, spool, *_ in found})
    links: dict[UUID, list[Link]] = defaultdict(list)
    for session_id, spool, opened_at, last_frame_at, seen_at in found:
        word = words.get(spool)
        said: dict[str, Any] = {}
        if word:
            said = {"process_seen_at": word.at, "durable_at": word.durable_at, "failing": word.failing}
        links[session_id].append(Link(opened_at, last_frame_at, seen_at or opened_at, **said))
    return links


def _words(spools: set[str]) -> dict[str, Word]:
    told = ServingProcess.objects.filter(spool__in=spools).values_list("spool", "seen_at", "figures")
    words = {
        name: Word(at, _moment(said.get("durable_at")), bool(said.get("spool_failing"))) for name, at, said in told
    }
    if ours := running.current():
        spool = ours.spool
        words[spool.folder.name] = Word(timezone.now(), _moment(spool.durable_at), bool(spool.failing))
    return words


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
