"""Once a second: calls that run and whose sound does not come, by the evidence of our own sockets; and those whose
sound is back."""

from calls.desk import db
from calls.services import fetching_back
from media import presence
from media.identity import session_of_call


async def look() -> None:
    expected = await db(fetching_back.expecting_sound)
    if not expected:
        return
    present = await db(presence.open_sessions)
    if present is None:  # nobody can say what is open: nothing is known to be lost
        return
    back = [call_id for call_id, lost in expected if lost and session_of_call(call_id) in present]
    gone = [call_id for call_id, _ in expected if session_of_call(call_id) not in present]
    if back:
        await db(fetching_back.heard, back)
    for call_id in await db(fetching_back.missing, gone) if gone else []:
        fetching_back.fetch_back(call_id)
