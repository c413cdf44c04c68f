"""Reading a call that still runs changes nothing of what is stored in the end."""

import hashlib
from typing import Any

import pytest

from tests.faults.installation import Installation, NotThere
from tests.faults.load import Crowd, Talker

TIMES = 100


def final(server: Installation, talker: Talker) -> dict[str, object]:
    """What is stored, but for names, times of day, and where it was cut into pieces."""
    session = server.until_archived(talker.session_id, 60)
    (lane,) = session["participants"]
    return {
        "frames": session["frames"],
        "coverage": session["coverage"],
        "speech_ms": lane["speech_ms"],
        "gaps": server.gaps(talker.session_id),
        "audio": hashlib.sha256(server.lanes(talker.session_id)[talker.lane]).hexdigest(),
    }


def archived(server: Installation, talker: Talker) -> dict[str, Any]:
    found: dict[str, Any] = server.api(f"/sessions/{talker.session_id}?archived=true")
    return found


def is_there(server: Installation, talker: Talker) -> bool:
    try:
        return bool(archived(server, talker)["participants"])
    except NotThere:
        return False


def read(server: Installation, talker: Talker) -> None:
    """The session as it is now; what of it is archived: its chunks, waveform and audio, whole and in part."""
    server.session(talker.session_id)
    session = archived(server, talker)
    for lane in session["participants"]:
        server.fetch(f"/api/v1/sessions/{session['id']}/waveform?participant={lane['id']}&points=200")
        server.fetch(f"/api/v1/sessions/{session['id']}/audio?participant={lane['id']}&from_ms=500")
        server.fetch(f"/api/v1/sessions/{session['id']}/audio?format=flac&sample_rate=24000")
    server.fetch(f"/api/v1/sessions/{session['id']}/chunks")


@pytest.mark.slow
def test_it_stores_the_same_of_a_call_that_is_read_a_hundred_times_while_it_runs(uvicorn: Installation) -> None:
    heard, unheard = Talker(7, 14), Talker(7, 14)
    with Crowd(uvicorn.ws, [heard, unheard]) as crowd:
        uvicorn.until(crowd.spoke, 60, "the streams did not begin")
        uvicorn.until(lambda: is_there(uvicorn, heard), 60, "nothing is archived")
        times = 0
        while len(heard.sent) < len(heard.pcm) // 640 - 25:
            read(uvicorn, heard)
            times += 1
    while times < TIMES:  # until it is final, and some time after
        read(uvicorn, heard)
        times += 1
    assert heard.closed == unheard.closed == ""
    assert final(uvicorn, heard) == final(uvicorn, unheard)
    assert uvicorn.lanes(heard.session_id) == {heard.lane: heard.pcm}
    assert uvicorn.manage("verify", str(heard.session_id)).returncode == 0
