"""Who talks when, over the API: from the levels of stored chunks, for whoever may see the session."""

import numpy as np
import pytest

from tests.media.recorded import a_participant, a_recorded_session, add
from tests.people import browser_of, program_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recordings_folder")]
LOUD = np.tile(np.array([6000, -6000], np.int16), 16_000)  # two seconds


def test_it_says_who_spoke_how_long_and_where_nobody_did() -> None:
    session = a_recorded_session()
    caller = a_participant(session, "4:+15550100", LOUD, chunk_seconds=0.7)
    add(caller, LOUD[:16_000], from_ms=9000)
    agent = a_participant(session, "8:acs:olga", LOUD, from_ms=2500)
    session.refresh_from_db()
    found = program_of("olga").get(f"/api/v1/sessions/{session.pk}/talk").json()
    assert [lane["participant"] for lane in found["participants"]] == [str(caller.pk), str(agent.pk)]
    assert [lane["speech_ms"] for lane in found["participants"]] == [3000, 2000]
    assert found["participants"][1]["response_ms"] == 500
    assert found["participants"][0]["loudness_dbfs"] == -15
    assert found["silences"] == [[4700, 8800]]
    assert found["overlap_ms"] == 0


def test_it_is_for_those_who_may_see_the_session() -> None:
    session = a_recorded_session()
    assert browser_of("otto").get(f"/api/v1/sessions/{session.pk}/talk").status_code == 403
    assert browser_of("olga").get(f"/api/v1/sessions/{session.pk}/talk").json()["participants"] == []
