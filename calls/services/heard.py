"""Sound is proof of a call, whatever of ACS's words is lost. Asks nobody."""

import uuid
from datetime import datetime

from calls.models import Call
from calls.services.event_log import Entry, write


def note_heard(call_id: uuid.UUID, at: datetime) -> None:
    """Sound of a call that is over is stored since `at`, so it was connected, though every word of that is lost."""

    def connect(call: Call) -> bool:
        call.connected_at = call.connected_at or at
        return False

    text = "its sound came, so it was connected: ACS's word of that is lost"
    write(call_id, Entry("heard", text=text, event_id=f"heard {call_id}", also=connect))
