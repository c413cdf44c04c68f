"""Once a second: calls that run and whose sound does not come, by the evidence of our own sockets; those whose sound is
back; and sound that comes of calls which are not connected, as far as is known."""

import uuid

from calls.desk import db, spawn
from calls.services import fetching_back, reconciling
from media import presence
from media.identity import session_of_call
from media.models import StreamSession


async def look() -> None:
    present = await db(presence.open_sessions)
    if present is None:  # nobody can say what is open: nothing is known to be lost
        return
    expected = await db(fetching_back.expecting_sound)
    back = [call_id for call_id, lost in expected if lost and session_of_call(call_id) in present]
    gone = [call_id for call_id, _ in expected if session_of_call(call_id) not in present]
    if back:
        await db(fetching_back.heard, back)
    for call_id in await db(fetching_back.missing, gone) if gone else []:
        fetching_back.fetch_back(call_id)
    for call_id in await db(_heard_too_early, present) if present else []:
        spawn(reconciling.ask_about(call_id), f"asking about call {call_id}")


def _heard_too_early(present: set[uuid.UUID]) -> list[uuid.UUID]:
    """Calls whose socket is open although they are not connected: an event or an answer of ACS may be lost."""
    unsure = (*reconciling.NOT_YET, "failed")
    rows = StreamSession.objects.filter(id__in=present, call__state__in=unsure)
    return reconciling.in_doubt([call_id for call_id in rows.values_list("call_id", flat=True) if call_id])
