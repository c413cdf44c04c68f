"""What will stand of a running session once all that its spools hold by now is archived: the archiver's own steps, on
the same rows, from where it stands. Nothing is written. Exact for what has come: should nothing follow, the archiver
will write the same."""

import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from django.conf import settings

from media.archiver import between
from media.archiver.adding import GROWING, LANE, channels_of, lanes_of, ticks
from media.archiver.batch import Batch, make_batch, window
from media.archiver.between import Extent
from media.archiver.joining import tracked_of
from media.archiver.reading import Reading, refusal_of
from media.live.rows import names_of_lanes
from media.models import Connection, Gap, Participant, StreamSession
from media.sessions.identity import participant_of
from media.spool import folder as folders
from media.spool.rows import MESSAGES, OVERLOAD, Row
from media.spool.segment import bodies, heads_of, open_to_look
from media.stream.timeline import Timeline

TRIES = 3
MOST_WAITING = 60_000_000_000  # ns: a longer backlog is not worth the time
MOST_BYTES = 8 << 20
LAST = 2**63 - 1
Unclear = (ArithmeticError, AssertionError, AttributeError, LookupError, OSError, TypeError, ValueError, sqlite3.Error)


class OutOfSight(ValueError):
    """A spool is on another machine or torn, or too much waits in it."""


def foresee(session_id: UUID) -> "Foresight | None":
    """None where it cannot be known here and now. Should the archiver move meanwhile, it is looked at anew."""
    for _ in range(TRIES):
        session = StreamSession.objects.filter(pk=session_id).first()
        connections = list(Connection.objects.filter(session_id=session_id).defer("headers"))
        if session is None or not connections:
            return None
        before = {(row.pk, row.cursor, row.archived) for row in connections}
        found = None
        with suppress(*Unclear):  # a segment that has just gone, or a fault, which the archiver names
            found = Foresight(session, connections)
        rows = Connection.objects.filter(session_id=session_id).order_by()
        if before == set(rows.values_list("pk", "cursor", "archived")):
            return found
    return None


class Foresight:
    """`session`, `connections` and `lanes` are rows as they will be, never to be saved; `gaps` those that are to come,
    `stale` those that will go."""

    def __init__(self, session: StreamSession, connections: list[Connection]) -> None:
        self.session, self.connections = session, connections
        self.lanes = {lane.pk: lane for lane in Participant.objects.filter(session=session)}
        self.gaps: list[Gap] = []
        self.stale: list[Gap] = []
        self._known = set(self.lanes)
        self._timelines = {row.pk: Timeline.load(bytes(row.timeline)) for row in connections if row.timeline}
        self._extents: list[Extent] = []
        for connection, rows in self._in_turn():
            self._go_on(connection, rows)
        if len(connections) > 1:
            self._look_between()
        self._name()

    def _in_turn(self) -> list[tuple[Connection, list[Row]]]:
        """As the archiver takes them: a connection that came back after those that are closed."""
        found = [(row, waiting_rows(row)) for row in self.connections if not row.archived]
        waiting = [(row, rows) for row, rows in found if rows]
        return sorted(waiting, key=lambda pair: (pair[0].closed_at is None, pair[1][0].at))

    def _go_on(self, row: Connection, rows: list[Row]) -> None:
        tracked, others = tracked_of(row, {}), [mine for key, mine in self._timelines.items() if key != row.pk]
        timeline = self._timelines.setdefault(row.pk, Timeline.new(others))
        for each in rows:
            tracked.add(each)
        tracked.far = True
        while chosen := window(tracked, 0, True, settings.CHUNK_SECONDS):
            reading = Reading({lane.raw_id for lane in self.lanes.values()}, refusal_of(row.metadata))
            seen = rows[: chosen.ahead]
            self._add(row, make_batch(tracked, chosen, seen, timeline, settings.CHUNK_SECONDS, reading, unwritten))
            tracked.consumed(chosen.rows, rows[chosen.rows - 1].seq)
            tracked.batches, tracked.far = tracked.batches + 1, True
            del rows[: chosen.rows]

    def _add(self, row: Connection, batch: Batch) -> None:
        """What commit.py would."""
        added, repeated = lanes_of(row.session_id, batch)
        for values in added:
            lane = Participant(**dict(zip(LANE, values, strict=True)))
            if (known := self.lanes.setdefault(lane.pk, lane)) is not lane:
                _grow(known, lane)
        for name in repeated:
            if heard := self.lanes.get(participant_of(row.session_id, name)):
                tally = batch.tally[name]
                heard.received += tally.duplicate
                heard.duplicate += tally.duplicate
                heard.duplicate_ticks += ticks(tally.duplicate_samples, batch.rate)
        row.malformed, row.unknown = row.malformed + batch.malformed, row.unknown + batch.unknown
        row.overload += batch.overload
        row.metadata = batch.metadata or row.metadata
        row.subscription_id = batch.subscription_id[:100] or row.subscription_id
        self._place(row, batch)

    def _place(self, row: Connection, batch: Batch) -> None:
        for stored in batch.chunks:
            chunk, lane = stored.chunk, stored.participant_id
            self.session.channels = self.session.channels or channels_of(chunk)
            self.session.sample_rate = self.session.sample_rate or chunk.rate
            first, end = ticks(chunk.position, chunk.rate), ticks(chunk.end, chunk.rate)
            self._extents.append(Extent(row.pk, lane, first, end, chunk.rate))
        for hole in batch.holes:
            where = {"position": hole.position, "samples": hole.samples, "rate": hole.rate, "cause": hole.cause}
            lane = participant_of(row.session_id, hole.lane)
            self.gaps.append(Gap(session_id=row.session_id, connection_id=row.pk, participant_id=lane, **where))

    def _look_between(self) -> None:
        places: dict[tuple[UUID, UUID], Extent] = {}
        for one in [*between.extents_of(self.session.pk), *self._extents]:
            other = places.setdefault((one.connection_id, one.participant_id), one)
            first, end, rate = min(one.first, other.first), max(one.end, other.end), max(one.rate, other.rate)
            places[one.connection_id, one.participant_id] = replace(one, first=first, end=end, rate=rate)
        self.stale, new = between.changes(self.session.pk, list(places.values()))
        for gap, sign in [*((gap, 1) for gap in new), *((gap, -1) for gap in self.stale)]:
            if gap.participant_id and gap.samples:
                self.lanes[gap.participant_id].gap_ticks += sign * ticks(gap.samples, gap.rate)
        self.gaps += new

    def _name(self) -> None:
        """Lanes that have no row yet."""
        new = {(self.session.pk, lane.raw_id): lane for pk, lane in self.lanes.items() if pk not in self._known}
        for key, name in names_of_lanes([(pk, raw_id) for pk, raw_id in new if raw_id]).items() if new else ():
            new[key].label = name[:200]


def _grow(lane: Participant, more: Participant) -> None:
    lane.first_ticks, lane.end_ticks = min(lane.first_ticks, more.first_ticks), max(lane.end_ticks, more.end_ticks)
    for name in GROWING:
        setattr(lane, name, getattr(lane, name) + getattr(more, name))


def unwritten(_pcm: bytes, _rate: int) -> bytes:
    return b""


def waiting_rows(row: Connection) -> list[Row]:
    """What its spool holds of a connection behind its cursor. Raises OutOfSight, and sqlite3.Error where the archiver
    was faster."""
    folder: Path = settings.SPOOL_DIR / row.spool
    if not folder.is_dir() or (folder / "broken").exists():
        raise OutOfSight
    segments = folders.segments(folder)
    found: list[Row] = []
    for (_, path), end in zip(segments, [*(first for first, _ in segments[1:]), LAST], strict=True):
        if end > row.cursor + 1:
            with closing(open_to_look(path)) as database:
                heads = heads_of(database, row.number, row.cursor, end)
                heads = [head for head in heads if head.kind in {MESSAGES, OVERLOAD}]
                size = sum(each.size for each in [*found, *heads])
                if heads and (size > MOST_BYTES or heads[-1].at - [*found, *heads][0].at > MOST_WAITING):
                    raise OutOfSight
                found += bodies(database, [head.seq for head in heads])
    return found
