"""A callback event as CloudEvent 1.0 (ACS.md 5.2). Pure."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

PREFIX = "Microsoft.Communication."


def cloud_event(kind: str, data: Mapping[str, Any], *, source: str, at: datetime, version: str) -> dict[str, Any]:
    """`kind` without prefix; None values of `data` are left out; `version`: the api-version of the call."""
    full = PREFIX + kind
    return {
        "id": str(uuid.uuid4()),
        "source": source,
        "type": full,
        "data": {"version": version, "publicEventType": full} | {k: v for k, v in data.items() if v is not None},
        "time": at.isoformat(),
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "subject": source,
    }


def in_2022(event: Mapping[str, Any]) -> dict[str, Any]:
    """The form of the first previews: the event's name in `source`, `time` and `subject` in `data`."""
    kind = str(event["type"]).removeprefix(PREFIX)
    source = f"{event['source']}/{kind}"
    data = {**event["data"], "type": event["type"], "eventSource": source, "time": event["time"], "subject": source}
    return {"id": event["id"], "source": source, "type": event["type"], "data": data, "specversion": "1.0"}
