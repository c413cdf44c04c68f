"""Calls as they were, for pages that show them; nothing of them runs."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from calls.models import Call, CallEvent, CallParticipant


def a_call(**fields: Any) -> Call:
    values: dict[str, Any] = {
        "direction": "outbound",
        "to": ["+15550100"],
        "from_id": "+15550199",
        "state": "connected",
    }
    if fields.get("state", "") in Call.OVER:
        values["ended_at"] = timezone.now()
    return Call.objects.create(**{**values, **fields})


def an_event(call: Call, kind: str, after: float = 0, **fields: Any) -> CallEvent:
    """`after`: seconds since the call was placed."""
    at = call.created_at + timedelta(seconds=after)
    values = {"event_id": str(uuid.uuid4()), "by": "acs", "at": at, "received_at": at}
    states = {"old_state": "connected", "new_state": "connected"}
    return CallEvent.objects.create(call=call, kind=kind, **{**values, **states, **fields})


def a_told_call(connection: str = "401f0500-1") -> Call:
    """Answered, joined by two, one of them on hold; spoken for two minutes; hung up by Olga."""
    began = timezone.now() - timedelta(minutes=3)
    call = a_call(
        created_at=began,
        connected_at=began + timedelta(seconds=4),
        ended_at=began + timedelta(seconds=124),
        state="ended",
        end_code=200,
        end_subcode=7000,
        end_reason="olga hung up.",
        correlation_id="c0ffee00-1",
        call_connection_id=connection,
        note="About the invoice of March",
        announce="This call is recorded.",
        announcement="done",
    )
    token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhY3MifQ.c2lnbmF0dXJl"
    an_event(call, "placing", 0, by="person", username="olga", old_state="placing", new_state="placing")
    connected = {"callConnectionId": connection, "transportUrl": f"wss://recorder.example/acs/media/{token}"}
    an_event(call, "CallConnected", 4, old_state="placing", new_state="connected", raw=connected)
    an_event(call, "ParticipantsUpdated", 4.1, text="in the call: +15550100, 8:acs:r_olga")
    an_event(call, "PlayCompleted", 7, text="announced at 0:03")
    asked = {"by": "person", "username": "olga", "new_state": "disconnecting"}
    an_event(call, "hang_up_asked", 123, text="olga hung up.", **asked)
    an_event(call, "CallDisconnected", 124, text="The call ended.", old_state="disconnecting", new_state="ended")
    stayed: dict[str, Any] = {"joined_at": call.connected_at, "left_at": call.ended_at}
    for raw_id, name in (("4:+15550100_5", ""), ("8:acs:r_olga", "Olga of ACS"), ("4:anonymous", "")):
        CallParticipant.objects.create(call=call, raw_id=raw_id, name=name, **stayed)
    return call
