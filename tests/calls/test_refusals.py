"""What this server refused is not told as ACS's fault."""

import pytest

from calls.models import Call
from calls.services import refusals

pytestmark = pytest.mark.django_db


def test_a_refusal_stands_with_its_call_once() -> None:
    call = Call.objects.create(direction="outbound", state="connected")
    for reason in ("it is full", "it is full", "it is about to stop"):
        refusals.note(call.pk, "full", reason)
    said = [event.text for event in call.events.filter(kind=refusals.REFUSED).order_by("id")]
    assert said == [refusals.text_of("it is full"), refusals.text_of("it is about to stop")]
    other = Call(pk="00000000-0000-4000-8000-000000000001")
    refusals.note(other.pk, "full", "it is full")  # no such call: nothing to tell
