"""What recordings do when they hear of calls."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from calls.lifecycle import Trigger
from calls.models import Call
from calls.services.event_log import Entry, write
from config.serving.places import Places
from config.serving.slots import Slots
from media import running, runtime
from media.sessions.identity import session_of_call
from media.spool.writer import SpoolWriter

pytestmark = pytest.mark.django_db


@pytest.fixture
def places(spool: SpoolWriter) -> Iterator[Places]:
    """Of a process that takes one stream, while another one is replaced."""
    slots = Slots.make(2, most=1)
    here = runtime.Runtime(spool, None)
    here.ingest.places = Places(slots, 0, everywhere=1)
    running.install(here)
    yield Places(slots, 1, everywhere=1)
    running.install(None)


def test_the_place_of_a_stream_is_not_kept_beyond_its_call(
    places: Places, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    call, other = (Call.objects.create(direction="outbound", state="ringing") for _ in range(2))
    places.keep([session_of_call(call.pk)])
    for trigger, kept in (
        (Trigger.REFUSED, True),  # it may come about yet: ACS's answer was late
        (Trigger.CONNECTED, True),
        (Trigger.DISCONNECTED, False),
    ):
        with django_capture_on_commit_callbacks(execute=True):
            write(call.pk, Entry("said", trigger=trigger))
        assert places.are_left_for(session_of_call(other.pk)) != kept
