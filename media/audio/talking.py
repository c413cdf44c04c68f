"""Who talks when in a session, from the levels stored beside each chunk; no audio is read. Knows nothing of HTTP."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from media.models import TICKS_PER_MS, TICKS_PER_SECOND, AudioChunk, Participant, StreamSession
from media.stream.talk import Piece, Talk, talk


def talk_of(session: StreamSession, lanes: Sequence[Participant]) -> Talk:
    """`lanes` in the order of the answer. One query."""
    origin = session.origin_ticks or 0
    pieces: dict[UUID, list[Piece]] = defaultdict(list)
    rows = AudioChunk.objects.filter(participant__session=session).order_by()
    for participant, position, rate, levels in rows.values_list("participant_id", "position", "rate", "levels"):
        begins = (position * TICKS_PER_SECOND // rate - origin) / TICKS_PER_MS
        pieces[participant].append(Piece(begins, bytes(levels)))
    return talk([pieces[lane.pk] for lane in lanes], session.duration_ms)
