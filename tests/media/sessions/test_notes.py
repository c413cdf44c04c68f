"""Notes, markers and tags: over the API and on the page, by whom, and whose they are."""

import uuid
from urllib.parse import quote

import pytest
from django.test import Client

from media.models import Note, StreamSession, Tag
from media.sessions.notes import BadNote, moment_ms
from tests.media.rows import a_heard_session
from tests.people import browser_of, person, program_of, signed_in_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> StreamSession:
    return a_heard_session(label="Support call")


def path(session: StreamSession, rest: str = "notes") -> str:
    return f"/api/v1/sessions/{session.pk}/{rest}"


def post(client: Client, session: StreamSession, **fields: object) -> tuple[int, dict[str, object]]:
    answer = client.post(path(session), fields, content_type="application/json")
    return answer.status_code, answer.json()


def test_it_keeps_who_wrote_what_about_which_moment(session: StreamSession) -> None:
    status, made = post(program_of("olga"), session, text=" Ask again on Monday. ", at_ms=2500)
    assert status == 201
    assert (made["text"], made["at_ms"], made["username"]) == ("Ask again on Monday.", 2500, "olga")
    post(program_of("sven"), session, text="On the whole: good.")
    found = program_of("sven").get(path(session)).json()
    assert [(note["username"], note["at_ms"]) for note in found["notes"]] == [("olga", 2500), ("sven", None)]


def test_it_takes_back_only_ones_own_unless_one_may_delete(session: StreamSession) -> None:
    _, made = post(program_of("olga"), session, text="mine")
    refused = program_of("sven").delete(path(session, f"notes/{made['id']}"))
    assert refused.status_code == 403
    assert "This note is olga's" in refused.json()["detail"]
    assert program_of("ada").delete(path(session, f"notes/{made['id']}")).status_code == 204
    _, made = post(program_of("olga"), session, text="mine again")
    assert program_of("olga").delete(path(session, f"notes/{made['id']}")).status_code == 204
    assert program_of("olga").delete(path(session, f"notes/{made['id']}")).status_code == 404
    assert not Note.objects.exists()


def test_it_needs_the_right_to_write(session: StreamSession) -> None:
    for answer in (post(program_of("otto"), session, text="x"), (403, {})):
        assert answer[0] == 403
    assert program_of("otto").put(path(session, "tags/urgent")).status_code == 403
    assert browser_of("olga").post(path(session), {"text": "x"}, content_type="application/json").status_code == 403
    missing = f"/api/v1/sessions/{uuid.uuid4()}/notes"
    assert program_of("olga").get(missing).status_code == 404
    assert not Note.objects.exists()


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "  "}, {"text": "x" * 2001}, {"text": "x", "at_ms": -1}])
def test_it_refuses_what_cannot_be_kept(session: StreamSession, body: dict[str, object]) -> None:
    assert post(program_of("olga"), session, **body)[0] == 422


@pytest.mark.parametrize("odd", ["a\0b", "a\x1bb", "\u200b", " \r\n"])
def test_it_refuses_what_nobody_could_read(session: StreamSession, odd: str) -> None:
    status, answer = post(program_of("olga"), session, text=odd)
    assert (status, answer["detail"][0]["loc"]) == (422, ["body", "text"])  # type: ignore[index]
    tagged = program_of("olga").put(path(session, f"tags/{quote(odd, safe='')}"))
    assert (tagged.status_code, tagged.json()["detail"][0]["loc"]) == (422, ["path", "name"])
    page = signed_in_staff("ada").post(f"/sessions/{session.pk}/notes/", {"text": odd}, headers={"HX-Request": "true"})
    assert 'class="problem"' in page.text
    assert program_of("olga").delete(path(session, f"tags/{quote(odd, safe='')}")).status_code == 200
    assert not Note.objects.exists()


def test_a_marker_lies_within_the_session(session: StreamSession) -> None:
    status, answer = post(program_of("olga"), session, text="x", at_ms=10_001)
    assert (status, answer["detail"]) == (
        422,
        [{"loc": ["body", "at_ms"], "msg": "This moment lies outside the session."}],
    )


def test_a_tag_is_one_however_it_is_written(session: StreamSession) -> None:
    olga = program_of("olga")
    olga.put(path(session, "tags/Call%20%20Back"))
    assert olga.put(path(session, "tags/call back")).json()["tags"] == ["call back"]
    assert Tag.objects.get().username == "olga"
    assert olga.put(path(session, f"tags/{'x' * 51}")).status_code == 422
    assert program_of("sven").delete(path(session, "tags/CALL%20BACK")).json()["tags"] == []


def test_its_page_shows_and_takes_them(session: StreamSession) -> None:
    olga = Client()
    olga.force_login(person("olga"))
    written = olga.post(f"/sessions/{session.pk}/notes/", {"text": "<b>Hello</b>", "at": "0:02.5"})
    assert written["Location"] == f"/sessions/{session.pk}/"
    olga.post(f"/sessions/{session.pk}/tags/", {"name": "Urgent"})
    page = olga.get(f"/sessions/{session.pk}/").text
    assert "&lt;b&gt;Hello&lt;/b&gt;" in page
    assert 'data-at-ms="2500"' in page
    assert ">urgent<" in page
    refused = olga.post(f"/sessions/{session.pk}/notes/", {"text": "keep me", "at": "half past"})
    assert "is no moment; it should look like 0:13.5." in refused.text
    assert "keep me" in refused.text
    assert Note.objects.count() == 1
    olga.post(f"/sessions/{session.pk}/notes/{Note.objects.get().pk}/take-back/")
    olga.post(f"/sessions/{session.pk}/tags/off/", {"name": "urgent"})
    assert not Note.objects.exists()
    assert not Tag.objects.exists()


def test_they_go_with_their_session(session: StreamSession) -> None:
    post(program_of("olga"), session, text="gone")
    signed_in_staff("ada").post(f"/admin/media/streamsession/{session.pk}/delete/", {"post": "yes"})
    assert not Note.objects.exists()


def test_moments_are_read_as_people_write_them() -> None:
    assert [moment_ms(text) for text in ("", "13", "0:13.5", "1:02:03.25", " 83.5 ")] == [
        None,
        13_000,
        13_500,
        3_723_250,
        83_500,
    ]
    for text in ("-1", "1:2:3:4", "x", "1e3", "0:13.5555"):
        with pytest.raises(BadNote):
            moment_ms(text)
