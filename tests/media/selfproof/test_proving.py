"""The recorder proves itself: who may ask for it, one at a time, nothing of it in any figure of calls; and what is
stored wrongly is found."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.utils import timezone

from media.admin import completeness, overview
from media.errors import ProofRuns
from media.models import SelfProof, StreamSession
from media.selfproof import beacon, proving
from tests.media.recorded import a_participant, a_recorded_session
from tests.media.rows import a_gap, a_session
from tests.people import person, signed_in_staff

pytestmark = pytest.mark.django_db
PAGE = "/admin/media/selfproof/"


def a_proof(**fields: Any) -> SelfProof:
    return SelfProof.objects.create(**{"good": True, "finished_at": timezone.now(), "started_by": "ada", **fields})


def stored(spoil: int = 0) -> StreamSession:
    """As the beacon's sound is stored; `spoil` samples of the second participant are other ones."""
    session = a_recorded_session(received=500, stored=500)
    for number, lane in enumerate(beacon.LANES):
        sound = np.frombuffer(beacon.coded(lane), "<i2").copy()
        sound[16_000 : 16_000 + spoil * number] ^= 1
        span = {"received": 250, "stored": 250, "stored_ticks": 240_000, "end_ticks": session.end_ticks}
        made = a_participant(session, lane, sound)
        type(made).objects.filter(pk=made.pk).update(**{**span, "end_ticks": made.end_ticks})
    session.refresh_from_db()
    return session


def found(session: StreamSession) -> dict[str, beacon.Check]:
    return {check.name: check for check in beacon.compared(session)}


def test_it_finds_what_is_stored_as_it_was_sent() -> None:
    assert [check.name for check in found(stored()).values() if not check.good] == []


def test_it_finds_one_wrong_sample_a_gap_and_a_counter() -> None:
    session = stored(spoil=1)
    a_gap(session, None, 100, 200)
    session.stored, session.duplicate = 499, 1
    said = found(session)
    assert said["Participant 1"].good
    assert said["Participant 2"].words == "1 of 80,000 samples differ, the first at 1000 ms."
    assert not said["Gaps"].good
    assert said["Counters"].words == "500 frames counted, 499 stored, 1 twice, 0 unreadable; 500 were sent."
    assert not said["Counters"].good
    session.participants.filter(raw_id=beacon.LANES[0]).delete()
    assert found(session)["Participant 1"].words == "Nothing was stored."


def test_only_administrators_may_ask_for_it_and_see_it() -> None:
    proof = a_proof()
    for name in ("olga", "sven"):
        client = signed_in_staff(name)
        assert client.post(f"{PAGE}prove/").status_code == 403
        assert client.get(PAGE).status_code == 403
        assert client.get(f"{PAGE}{proof.pk}/live/").status_code == 403
        assert "Prove it" not in client.get("/admin/").text
    ada = signed_in_staff("ada")
    assert "Prove it" in ada.get("/admin/").text
    assert ada.get(f"{PAGE}prove/").status_code == 405
    assert ada.post(f"{PAGE}{proof.pk}/delete/", {"post": "yes"}).status_code == 403
    assert SelfProof.objects.get() == proof


def test_one_runs_at_a_time_and_one_whose_process_died_stands_in_nobodys_way() -> None:
    first = proving.begin("ada")
    with pytest.raises(ProofRuns):
        proving.begin("ada")
    answer = signed_in_staff("ada").post(f"{PAGE}prove/", follow=True)
    assert answer.redirect_chain[-1][0] == f"{PAGE}{first.pk}/change/"
    assert "A self-proof runs already" in answer.text
    SelfProof.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    second = proving.begin("ada")
    first.refresh_from_db()
    assert (first.good, first.checks[0]["words"]) == (False, "It broke off: the process that ran it has ended.")
    assert second.good is None


def test_what_it_recorded_counts_in_no_figure_of_calls() -> None:
    cache.clear()
    now = timezone.now()
    proofs = [
        a_session(live=True, state="recording", label=proving.LABEL, started_at=now, duration_ms=5_000),
        a_session(state="interrupted", label=proving.LABEL, started_at=now, duration_ms=5_000),
    ]
    for session in proofs:
        a_proof(session_id=session.pk)
    a_proof(session_id=None, good=False)
    a_session(live=True, state="recording", started_at=now, duration_ms=3_600_000)
    page = overview.page(person("ada"))
    assert page["sessions_now"] == {"recording": 1, "waiting": 0, "no_audio": 0}
    assert page["failures"] == []
    assert page["hours_by_day"]["total"] == "1.0 h"
    assert [day.connected for day in completeness.days(1, now)] == [0]
    cache.clear()
