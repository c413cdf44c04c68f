"""ACS came with a call's sound, and this server did not take it. ACS then says that it could not reach us, and one
would look for the fault at proxies and certificates."""

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from calls.models import Call
from calls.services.event_log import Entry, write

REFUSED = "socket_refused"
OFTEN = timedelta(seconds=10)


def note(call_id: uuid.UUID, kind: str, reason: str) -> None:
    """`kind`: draining, disk or full. Who comes again at once is not written down each time."""
    call = Call.objects.filter(pk=call_id).first()
    if call and of_late(call, timezone.now() - OFTEN) != text_of(reason):
        write(call_id, Entry(REFUSED, text=text_of(reason), raw={"kind": kind}))


def text_of(reason: str) -> str:
    return f"Its stream was refused with 503: {reason}."


def of_late(call: Call, since: datetime) -> str:
    """The newest since then, "" without one."""
    newest = call.events.filter(kind=REFUSED, received_at__gte=since).first()
    return newest.text if newest else ""


def kind_before(call: Call, until: datetime) -> str:
    """Of the newest until then, "" without one."""
    newest = call.events.filter(kind=REFUSED, received_at__lte=until).first()
    return str(newest.raw["kind"]) if newest else ""
