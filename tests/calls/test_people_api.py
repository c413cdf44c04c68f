"""One name for a raw id: set, listed and taken back over the REST API, and heard by the lanes of every recording."""

import time
from collections.abc import Iterator

import pytest

from calls import event_loop
from calls.address_book import Entry
from calls.models import Call, CallParticipant, Person
from calls.services import naming
from media.models import Participant, StreamSession
from media.sessions import labels, receivers
from tests.media.rows import a_heard_session, a_lane
from tests.people import person, program_of

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PEOPLE = "/api/v1/people"


@pytest.fixture(autouse=True)
def _event_loop_closed() -> Iterator[None]:
    yield
    event_loop.close()


def a_call_with(*raw_ids: str) -> Call:
    call = Call.objects.create(direction="outbound", to=["+15550100"], state="connected")
    for raw_id in raw_ids:
        CallParticipant.objects.create(call=call, raw_id=raw_id, name="as ACS says" if "acs" in raw_id else "")
    session = a_heard_session(call=call)
    for raw_id in raw_ids:
        a_lane(session, raw_id)
    return call


def lanes_of(call: Call) -> dict[str | None, str]:
    return dict(Participant.objects.filter(session__call=call).values_list("raw_id", "label"))


def test_it_names_a_telephone_in_all_calls_whatever_form_its_id_has() -> None:
    old, new = a_call_with("4:+15550100", "8:acs:r_olga"), a_call_with("4:+15550100_77", "4:+155501001")
    olga = program_of("olga")
    answer = olga.put(f"{PEOPLE}/+1 555 0100", {"name": "  Rita  Recorder "}, content_type="application/json")
    assert answer.status_code == 200, answer.text
    assert answer.json() | {"changed_at": ""} == {
        "raw_id": "4:+15550100",
        "name": "Rita Recorder",
        "kind": "phone",
        "changed_at": "",
        "changed_by": "olga",
    }
    assert lanes_of(old)["4:+15550100"] == "Rita Recorder"
    assert lanes_of(new) == {"4:+15550100_77": "Rita Recorder", "4:+155501001": ""}
    shown = olga.get(f"/api/v1/calls/{new.pk}").json()["participants"]
    assert [someone["label"] for someone in shown] == ["Rita Recorder", "+155501001"]

    assert olga.put(f"{PEOPLE}/8:acs:r_olga", {"name": "Olga"}, content_type="application/json").status_code == 200
    listed = olga.get(PEOPLE).json()
    assert [someone["name"] for someone in listed["items"]] == ["Olga", "Rita Recorder"]
    assert olga.get(PEOPLE, {"q": "rita"}).json()["items"][0]["raw_id"] == "4:+15550100"
    assert olga.get(PEOPLE, {"name": "rita"}).status_code == 422

    assert olga.delete(f"{PEOPLE}/8:acs:r_olga").status_code == 403  # Administrators take people out
    ada = program_of("ada")
    assert ada.delete(f"{PEOPLE}/8:acs:r_olga").status_code == 204
    assert ada.delete(f"{PEOPLE}/8:acs:r_olga").status_code == 404
    assert lanes_of(old)["8:acs:r_olga"] == "as ACS says"
    assert ada.delete(f"{PEOPLE}/4:+15550100").status_code == 204
    assert lanes_of(new)["4:+15550100_77"] == "+15550100"


REFUSED = [
    ("4:anonymous", "Rita", ["path", "raw_id"], "the next who withholds theirs is somebody else"),
    ("0301234567", "Rita", ["path", "raw_id"], "write + and the country code"),
    ("Rita", "Rita", ["path", "raw_id"], "write a number like"),
    ("4:+15550100", "  ", ["body", "name"], "This holds nothing that can be seen"),
    ("4:+15550100", "Ri\x1bta", ["body", "name"], "a control character (U+001B)"),
    ("4:+15550100", "", ["body", "name"], "a name has 1 to 200 characters"),
    ("4:+15550100", "R" * 201, ["body", "name"], "at most 200 characters"),
]


def test_it_says_why_it_cannot_name_somebody() -> None:
    olga = program_of("olga")
    for whom, name, loc, words in REFUSED:
        answer = olga.put(f"{PEOPLE}/{whom}", {"name": name}, content_type="application/json")
        assert answer.status_code == 422
        (fault,) = answer.json()["detail"]
        assert fault["loc"] == loc
        assert words in fault["msg"]
    assert not Person.objects.exists()


def test_it_is_closed_to_otto() -> None:
    otto = program_of("otto")
    assert otto.get(PEOPLE).status_code == 403
    assert otto.put(f"{PEOPLE}/4:+15550100", {"name": "Rita"}, content_type="application/json").status_code == 403
    assert otto.delete(f"{PEOPLE}/4:+15550100").status_code == 403


def test_it_names_a_whole_book_at_once() -> None:
    call = a_call_with("4:+15550100_5", "8:acs:r_olga", "8:orgid:otto")
    Person.objects.create(raw_id="8:orgid:otto", name="Otto")
    book = [Entry(f"4:+4930{number:06}", f"Nobody {number}") for number in range(labels.FEW)]
    book += [Entry("4:+15550100", "Rita"), Entry("8:acs:r_olga", "Olga"), Entry("8:orgid:otto", "Otto")]
    changes = naming.changes(book)
    assert len(changes) == labels.FEW + 2  # Otto is called so already
    naming.apply(changes, person("ada"))
    assert lanes_of(call) == {"4:+15550100_5": "Rita", "8:acs:r_olga": "Olga", "8:orgid:otto": ""}
    assert naming.changes(book) == []
    assert StreamSession.objects.count() == 1


def test_it_goes_on_behind_whoever_named_somebody_of_many_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small figures stand for thousands of lanes."""
    monkeypatch.setattr(labels, "AT_ONCE", 2)
    monkeypatch.setattr(receivers, "SOON", 4)
    calls = [a_call_with("8:acs:r_olga") for _ in range(7)]
    naming.name("8:acs:r_olga", "Olga", None)
    end = time.monotonic() + 20
    while {name for call in calls for name in lanes_of(call).values()} != {"Olga"}:
        assert time.monotonic() < end
        time.sleep(0.05)
    Participant.objects.update(label="")  # as if it had broken off
    naming.name("8:acs:r_olga", "Olga", None)
    assert "Olga" in {name for call in calls for name in lanes_of(call).values()}
