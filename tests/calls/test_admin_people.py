"""The address book in the admin: one by one and as a file. Every change is told once, with the ids it names."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoCaptureOnCommitCallbacks

from calls.address_book import read_people
from calls.models import Person
from calls.signals import people_changed
from tests.people import signed_in_staff

pytestmark = pytest.mark.django_db
BOOK = "/admin/calls/person/"


@pytest.fixture
def told(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Iterator[list[list[str]]]:
    """The ids of each people_changed that was sent."""
    heard: list[list[str]] = []

    def hear(sender: object, raw_ids: list[str], **_: Any) -> None:
        heard.append(raw_ids)

    people_changed.connect(hear)
    yield heard
    people_changed.disconnect(hear)


@pytest.fixture
def committed(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def names() -> dict[str, str]:
    return dict(Person.objects.values_list("raw_id", "name"))


def test_it_names_renames_and_forgets(told: list[list[str]], committed: Any) -> None:
    olga = signed_in_staff("olga")
    link = f"{BOOK}call_it/?raw_id=4%3A%2B15550100"
    assert olga.get(link).headers["Location"] == f"{BOOK}add/?raw_id=4%3A%2B15550100"
    assert 'value="4:+15550100"' in olga.get(f"{BOOK}add/?raw_id=4%3A%2B15550100").text
    with committed():
        assert olga.post(f"{BOOK}add/", {"raw_id": "+1 555-0100", "name": " Rita "}).status_code == 302
    person = Person.objects.get()
    assert (person.raw_id, person.name, str(person.changed_by)) == ("4:+15550100", "Rita", "olga")
    assert olga.get(link).headers["Location"] == f"{BOOK}{person.pk}/change/"
    again = olga.post(f"{BOOK}add/", {"raw_id": "4:+15550100_7", "name": "Otto"})
    assert "already exists" in again.text
    assert "the next who withholds theirs" in olga.post(f"{BOOK}add/", {"raw_id": "4:anonymous", "name": "X"}).text

    with committed():
        olga.post(f"{BOOK}{person.pk}/change/", {"name": "Rita Recorder", "raw_id": "4:+15550177"})
    assert names() == {"4:+15550100": "Rita Recorder"}  # whose name it is cannot be changed
    assert olga.post(f"{BOOK}{person.pk}/delete/", {"post": "yes"}).status_code == 403
    ada = signed_in_staff("ada")
    with committed():
        ada.post(BOOK, {"action": "delete_selected", "_selected_action": str(person.pk), "post": "yes"})
    assert names() == {}
    assert told == [["4:+15550100"]] * 3


def test_it_shows_what_a_file_would_change_before_it_does(told: list[list[str]], committed: Any) -> None:
    olga = signed_in_staff("olga")
    Person.objects.create(raw_id="4:+15550101", name="Old name")
    Person.objects.create(raw_id="8:acs:r_same", name="Same")
    lines = "number;name\n+15550101;New name\n+15550102;<b>Nina</b>\n8:acs:r_same;Same\n4:anonymous;Nobody\n0301;Otto\n"
    page = olga.post(f"{BOOK}import/", {"file": SimpleUploadedFile("book.csv", lines.encode())})
    text = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
    for told_before in (
        "New 1 Called otherwise 1 As they are 1 Left out 2",
        "4:+15550101 Old name New name",
        "4:+15550102 &lt;b&gt;Nina&lt;/b&gt;",
        "Line 6: 0301: write + and the country code",
        "Nobody: A withheld number cannot be named",
    ):
        assert told_before in text
    assert names() == {"4:+15550101": "Old name", "8:acs:r_same": "Same"}
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.text)
    assert sealed
    assert "was changed" in olga.post(f"{BOOK}import/", {"sealed": f"{sealed[1]}x"}).text
    with committed():
        after = olga.post(f"{BOOK}import/", {"sealed": sealed[1]}, follow=True)
    assert "1 new in the address book, 1 called otherwise." in after.text
    assert names() == {"4:+15550101": "New name", "4:+15550102": "<b>Nina</b>", "8:acs:r_same": "Same"}
    assert [sorted(raw_ids) for raw_ids in told] == [["4:+15550101", "4:+15550102"]]

    for content, words in ((b"", "The file is empty"), (b"\xff\xfa,x", "not UTF-8"), (None, "Choose a file.")):
        form = {} if content is None else {"file": SimpleUploadedFile("book.csv", content)}
        assert words in olga.post(f"{BOOK}import/", form).text
    assert signed_in_staff("otto").get(f"{BOOK}import/").status_code == 403


def test_it_gives_a_file_that_comes_back_as_it_was() -> None:
    for raw_id, name in (("4:+15550101", "Öz, Olga"), ("8:acs:r_u", '=HYPERLINK("x")'), ("8:orgid:g", "+1 team")):
        Person.objects.create(raw_id=raw_id, name=name)
    answer = signed_in_staff("olga").get(f"{BOOK}export/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="address-book.csv"'
    cells = [line.partition(",")[2] for line in answer.text.splitlines()[1:]]
    assert not [cell for cell in cells if cell.lstrip('"').startswith(("=", "+"))]  # no spreadsheet runs a name
    found = read_people(answer.content)
    assert found.problems == []
    assert {entry.raw_id: entry.name for entry in found.entries} == names()
    assert signed_in_staff("otto").get(f"{BOOK}export/").status_code == 403
