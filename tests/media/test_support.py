"""The support bundle: all that helps, nothing of who spoke and what was said."""

import io
import json
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.models import Call, CallEvent, CallParticipant
from media.models import StreamMessage
from media.stream.pseudonyms import Pseudonyms
from media.support import bundle
from tests.media.rows import NOON, a_chunk, a_connection, a_gap, a_heard_session, a_lane

SECRETS = (
    "+15550100",
    "15550100",
    "Carla",
    "parcel",
    "where is my",
    "8:acs:res_ben",
    "eyJ0b2tlbg",
    "olga",
    "crm-lopez",
)


@pytest.mark.django_db
def test_it_holds_no_numbers_no_names_no_words_and_no_secrets() -> None:
    call = Call.objects.create(
        direction="outbound",
        state="ended",
        to=["+15550100"],
        note="parcel",
        ended_at=NOON,
        end_reason="+15550100 hung up.",
        streaming_stopped_by="olga",
    )
    CallParticipant.objects.create(call=call, raw_id="4:+15550100", name="Carla Lopez")
    CallEvent.objects.create(
        call=call,
        event_id="1",
        kind="ParticipantsUpdated",
        by="acs",
        text="in the call: +15550100, 8:acs:res_ben",
        old_state="ringing",
        new_state="ringing",
        raw={
            "participants": [{"identifier": {"rawId": "4:+15550100"}}],
            "callbackUri": "https://x/acs/callbacks/eyJ0b2tlbg:1:x",
        },
    )
    CallEvent.objects.create(
        call=call, event_id="2", kind="hangup_asked", by="person", username="olga", text="olga hung up.",
        old_state="ringing", new_state="ringing",
    )  # fmt: skip
    session = a_heard_session(call=call, label="Call to Carla Lopez", external_id="crm-lopez")
    connection = a_connection(session, headers={"x-ms-call-connection-id": "an id"})
    lane = a_lane(session, "4:+15550100", label="Carla Lopez")
    a_chunk(lane, connection)
    a_gap(session, lane, 100, 200)
    for kind, text in (("TranscriptionData", "where is my parcel"), ("AudioMetadata", "PCM")):
        StreamMessage.objects.create(session=session, connection=connection, row=1, at=NOON, kind=kind, text=text)
    made = zipfile.ZipFile(io.BytesIO(bundle(session, ["   ok  ACS: takes our credential for +15550100"])))
    texts = {name: made.read(name).decode() for name in made.namelist()}
    for name, text in texts.items():
        for secret in SECRETS:
            assert secret not in text, (name, secret)
    assert json.loads(texts["gaps.json"])[0]["cause"] == "provider_silent"
    assert json.loads(texts["counts.json"]) == {"TranscriptionData": 1, "AudioMetadata": 1}
    assert json.loads(texts["messages.json"])[1]["text"] == "PCM"
    assert json.loads(texts["chunks.json"])[0]["samples"] == 160_000
    assert json.loads(texts["participants.json"])[0]["raw_id"].startswith("person-")
    assert "in the call: person-" in texts["call_events.json"]
    assert re.search(r'"Django": "5', texts["installation.json"])
    assert "takes our credential for person-" in texts["doctor.txt"]


def test_the_same_person_is_the_same_word() -> None:
    pseudonyms = Pseudonyms(["Carla Lopez", "+15550100"])
    assert pseudonyms.text("Carla Lopez (+15550100) and 4:+15550199") == "person-1 (person-2) and person-3"
    assert pseudonyms.text("Carla Lopez, 2026-11-26 12:00") == "person-1, 2026-11-26 12:00"


@given(st.text(), st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True))
def test_no_number_gets_through(around: str, number: str) -> None:
    assert number not in Pseudonyms([]).text(f"{around} {number} {around}")
