"""Which batches go into one transaction. Pure."""

from collections.abc import Iterator
from uuid import UUID

from media.archiver.batch import Window
from media.archiver.scan import Tracked

MOST_IN_A_GROUP = 24  # batches of one transaction
MOST_BYTES_IN_A_GROUP = 12 << 20


def groups(due: list[tuple[Tracked, Window]]) -> Iterator[list[tuple[Tracked, Window]]]:
    """What may go into one transaction: different sessions, and a bounded amount."""
    group: list[tuple[Tracked, Window]] = []
    sessions: set[UUID] = set()
    size = 0
    for tracked, chosen in due:
        weight = sum(tracked.sizes[: chosen.ahead])
        if group and (
            tracked.session_id in sessions or len(group) >= MOST_IN_A_GROUP or size + weight > MOST_BYTES_IN_A_GROUP
        ):
            yield group
            group, sessions, size = [], set(), 0
        group.append((tracked, chosen))
        sessions.add(tracked.session_id)
        size += weight
    if group:
        yield group
