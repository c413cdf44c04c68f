"""The support bundle at its three doors: for those who may download, on record, with the doctor's findings in it."""

import io
import re
import threading
import zipfile

import pytest
from django.core.cache import cache
from django.test import Client

from config import doctor
from config.doctor.finding import Finding, ok
from media.models import AccessEntry, StreamSession
from tests.media.rows import a_connection, a_heard_session, a_lane
from tests.people import browser_of, program_of, signed_in_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> StreamSession:
    session = a_heard_session(label="Call to +15550100")
    a_connection(session)
    a_lane(session, "4:+15550100", label="Carla")
    return session


def doors(session: StreamSession) -> dict[str, str]:
    return {
        "api": f"/api/v1/sessions/{session.pk}/support-bundle",
        "console": f"/sessions/{session.pk}/support-bundle/",
        "admin": f"/admin/media/streamsession/{session.pk}/support-bundle/",
    }


def clients(name: str) -> dict[str, Client]:
    return {"api": program_of(name), "console": browser_of(name), "admin": signed_in_staff(name)}


def test_each_door_gives_it_and_keeps_record(session: StreamSession) -> None:
    cache.clear()
    sven = clients("sven")
    for via, path in doors(session).items():
        answer = sven[via].get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip"), via
        assert answer["Content-Disposition"] == f'attachment; filename="support-{session.pk}.zip"'
        assert answer["Cache-Control"].startswith("private, no-store")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            texts = [files.read(name).decode() for name in files.namelist()]
            findings = files.read("doctor.txt").decode()
        assert "ok  database: " in findings
        assert re.search(r"spool: .+ can be written", findings)
        assert not [text for text in texts if "15550100" in text or "Carla" in text]
        entry = AccessEntry.objects.first()
        assert entry is not None
        assert (entry.session_id, entry.username, entry.via, entry.action) == (session.pk, "sven", via, "bundle")


def test_it_is_for_those_who_may_download(session: StreamSession) -> None:
    olga, nobody = clients("olga"), Client()
    for via, path in doors(session).items():
        assert olga[via].get(path).status_code == 403, via
        assert nobody.get(path).status_code in {302, 401}
    assert not AccessEntry.objects.exists()
    assert "support-bundle" not in olga["console"].get(f"/sessions/{session.pk}/").text
    assert "support-bundle" not in olga["admin"].get(f"/admin/media/streamsession/{session.pk}/change/").text
    sven = clients("sven")
    assert "support-bundle" in sven["console"].get(f"/sessions/{session.pk}/").text
    assert "support-bundle" in sven["admin"].get(f"/admin/media/streamsession/{session.pk}/change/").text
    missing = "00000000-0000-0000-0000-000000000000"
    assert sven["api"].get(f"/api/v1/sessions/{missing}/support-bundle").status_code == 404


def test_a_check_that_hangs_or_breaks_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def hangs() -> Finding:
        let_go.wait(30)
        return ok("late")

    def breaks() -> Finding:
        raise ValueError("with a secret")

    checks = (("one", hangs), ("two", breaks), ("three", lambda: ok("well")))
    monkeypatch.setattr(doctor, "CHECKS", checks)
    try:
        said = "\n".join(doctor.report(seconds=0.3))
    finally:
        let_go.set()
    assert "WRONG  one: no answer within 0 s" in said
    assert "WRONG  two: the check itself failed: ValueError" in said
    assert "secret" not in said
    assert "ok  three: well" in said
