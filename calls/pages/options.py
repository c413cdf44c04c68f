"""How a call's sound is to be streamed and announced, as forms ask for it: from the form to the body of the REST API's
request, and from nothing, or a call that was, to the form."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from calls.models import Call
from calls.pages.bodies import filled, several
from calls.pages.showing import choices
from calls.services import announcing

FLAGS = ("start_streaming", "bidirectional", "dtmf", "announcement_required")
PLACES = ("server_call_id", "group_call_id", "room_id")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it is shown: what stands in its fields, what is wrong with them, and what is wrong altogether (under
    "")."""

    values: dict[str, Any]
    faults: Mapping[str, str] = field(default_factory=dict)


def streaming(form: QueryDict) -> dict[str, Any]:
    """The part of the body that placing, joining and answering share."""
    rate = form.get("sample_rate", "16000")
    body = {
        "channels": form.get("channels", "unmixed"),
        "sample_rate": int(rate) if rate.isascii() and rate.isdecimal() and len(rate) < 9 else rate,
        **{name: name in form for name in FLAGS},
        **filled(form, "transcription_locale", "note"),
    }
    return body | ({"announce": form.get("announce", "").strip()} if "announce" in form else {})


def placing(form: QueryDict) -> dict[str, Any]:
    return {"to": several(form.get("to", "")), **filled(form, "from", "display_name"), **streaming(form)}


def joining(form: QueryDict) -> dict[str, Any]:
    place = form.get("place", "")
    return {**({place: form.get("id", "").strip()} if place in PLACES else {}), **streaming(form)}


def answering(form: QueryDict) -> dict[str, Any]:
    return {"then_add": several(form.get("then_add", "")), **streaming(form)}


def empty() -> dict[str, Any]:
    """Asks the database: ANNOUNCEMENT may name a sound."""
    return {
        "channels": "unmixed",
        "sample_rate": "16000",
        "start_streaming": True,
        "announcement_required": True,
        "announce": announcing.offered(),
        "place": "group_call_id",
        "once": uuid.uuid4().hex,
    }


def again(call: Call) -> dict[str, Any]:
    """A form that would place the same call once more."""
    known = {name: getattr(call, name) for name in ("channels", "announce", "note", "transcription_locale", *FLAGS[1:])}
    return {
        **empty(),
        **known,
        "sample_rate": str(call.sample_rate),
        "to": "\n".join(str(who) for who in call.to),
        "from": call.from_id if call.direction == Call.Direction.OUTBOUND else "",
        "display_name": call.display_name,
    }


def given(form: QueryDict) -> dict[str, Any]:
    """What was filled in, as it was."""
    return {**empty(), **form.dict(), **{name: name in form for name in FLAGS}}


def context(form: Filled) -> dict[str, Any]:
    """For the template; asks the database."""
    return {
        "values": form.values,
        "faults": form.faults,
        "whole_fault": form.faults.get("", ""),
        "announcement": announcing.offered(),
        **choices(),
    }
