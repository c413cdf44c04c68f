"""Incidents begin when something lasts, and end when it has been well for a while; each is told once, and its end."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Mailbox
from django.db import InternalError, connection
from pytest_django import DjangoAssertNumQueries, Settings

from media.alarms import incidents, telling, unkept, watch
from media.alarms.conditions import Wrong
from media.alarms.unkept import Unkept
from media.models import Alarm
from media.monitoring import heartbeat
from tests.people import signed_in_staff

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
SILENT = "One-sided call: nothing was heard of Olga yet (call to +1 555-0100, 15550142)."
ONE_SIDED = Wrong(Alarm.Kind.ONE_SIDED, "a call", SILENT, "/sessions/1/")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def look(seconds: float, *wrong: Wrong) -> list[str]:
    """One look; the texts of the open incidents after it."""
    incidents.note(wrong, at(seconds))
    return [alarm.text for alarm in incidents.open_now()]


class Kept(Mailbox):
    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)


@pytest.fixture
def mails(settings: Settings) -> Iterator[list[Message]]:
    """A mail server that the settings name."""
    kept = Kept()
    controller = Controller(kept, hostname="127.0.0.1", port=0)
    controller.port = _free()
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", controller.port, False
    settings.ALARM_MAIL_TO = ["ada@example.com"]
    yield kept.mails
    controller.stop()


def _free() -> int:
    from tests.serving import free_port

    return free_port()


@pytest.fixture
def hook(settings: Settings) -> Iterator[list[dict[str, Any]]]:
    """A webhook that the settings name. It fails the first time."""
    told: list[dict[str, Any]] = []
    calls: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            calls.append(1)
            if len(calls) > 1:
                told.append(body)
            self.send_response(500 if len(calls) == 1 else 200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.ALARM_WEBHOOKS = [f"http://127.0.0.1:{server.server_port}/hook/a-secret"]
    yield told
    server.shutdown()
    server.server_close()


def tell(seconds: float) -> None:
    telling.tell(telling.claim(at(seconds)), at(seconds))


def test_a_moments_trouble_is_no_incident() -> None:
    assert look(0, ONE_SIDED) == []
    assert look(5) == []
    assert look(70) == []
    assert not Alarm.objects.exists()


def test_it_opens_when_it_lasts_and_closes_when_it_is_well_for_a_while() -> None:
    assert look(0, ONE_SIDED) == look(10, ONE_SIDED) == []
    assert look(16, ONE_SIDED) == [ONE_SIDED.text]
    assert look(40) == look(60, ONE_SIDED) == look(110) == [ONE_SIDED.text]  # it flutters: one incident
    assert look(121) == []
    assert Alarm.objects.get().closed_at == at(121)
    assert look(130, ONE_SIDED) == []  # again: another incident, which has to last again
    assert Alarm.objects.count() == 2


def test_lost_sound_waits_for_nothing() -> None:
    assert look(0, Wrong(Alarm.Kind.SOUND_LOST, "a call", "The call goes on unrecorded.")) != []


def test_people_are_told_once_and_of_the_end_once(mails: list[Message], hook: list[dict[str, Any]]) -> None:
    look(0, ONE_SIDED)
    look(16, ONE_SIDED)
    tell(16)  # the webhook fails
    row = Alarm.objects.get()
    assert row.told_at is None
    assert row.trouble.startswith("webhook 1 of ALARM_WEBHOOKS fails in itself (HTTP 500")
    assert "a-secret" not in row.trouble
    tell(20)  # too soon to try again
    assert hook == []
    tell(27)
    tell(28)
    assert [said["text"].splitlines()[0] for said in hook] == ["Alarm: one-sided call"]
    assert "nothing was heard of Olga" in hook[0]["text"]
    assert "/sessions/1/" in hook[0]["text"]
    assert "nothing was heard of Olga yet (call to +…, …)." in hook[0]["text"]
    assert "(call to +…, …)." in str(mails[0].get_payload())
    assert row.text == SILENT
    look(90)
    tell(91)
    tell(92)
    assert [said["text"].splitlines()[0] for said in hook] == ["Alarm: one-sided call", "Over: one-sided call"]
    subjects = [str(mail["Subject"]) for mail in mails]
    assert subjects == ["[recorder] Alarm: one-sided call", "[recorder] Over: one-sided call"], (
        "although the hook failed"
    )
    assert (hook[1]["kind"], hook[1]["state"], hook[1]["until"]) == ("one_sided", "over", "2026-11-26T12:01:30+00:00")
    assert mails[0]["To"] == "ada@example.com"


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 301 Moved\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"],
)
def test_a_webhook_that_moved_or_is_none_is_tried_again_and_the_mail_sent_once(
    settings: Settings, mails: list[Message], answer: bytes
) -> None:
    class Other(StreamRequestHandler):
        def handle(self) -> None:
            there = self.request.recv(65536).startswith(b"GET /there")
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" if there else answer)

    with ThreadingTCPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.ALARM_WEBHOOKS = [f"http://127.0.0.1:{server.server_address[1]}/"]
        look(0, ONE_SIDED)
        look(16, ONE_SIDED)
        for seconds in (16, 20, 27):
            tell(seconds)
        server.shutdown()
    row = Alarm.objects.get()
    assert (row.told_at, row.tries) == (None, 2)
    assert row.trouble.startswith("webhook 1 of ALARM_WEBHOOKS ")
    assert len(mails) == 1


def test_it_does_not_say_told_where_there_is_nobody_to_tell() -> None:
    look(0, ONE_SIDED)
    look(16, ONE_SIDED)
    tell(16)
    assert telling.due(at(60)) == [], "and it is not tried again"
    row = Alarm.objects.get()
    assert row.trouble == "nobody: ALARM_MAIL_TO and ALARM_WEBHOOKS are unset"
    client = signed_in_staff("olga")
    assert f"told {row.trouble}" in client.get("/admin/").text
    page = client.get("/admin/media/alarm/").text
    cells = {name: page.partition(f"field-{name}")[2].partition("</td>")[0] for name in ("told", "opened_at")}
    assert cells["told"].partition(">")[2].strip() == "-"
    assert ">2026-11-26 12:00:16" in cells["opened_at"].replace("\n", ""), "as the console writes times"


def test_quiet_hours_end_with_one_word(settings: Settings, mails: list[Message]) -> None:
    settings.ALARM_QUIET_HOURS = "11:00-13:00"
    look(0, ONE_SIDED)
    look(16, ONE_SIDED)
    tell(16)
    look(100)
    tell(101)
    assert mails == []
    tell(3700)
    tell(3800)
    assert [str(mail["Subject"]) for mail in mails] == ["[recorder] Over: one-sided call"]


def test_a_database_that_is_away_is_told_of_without_it(
    settings: Settings,
    mails: list[Message],
    hook: list[dict[str, Any]],
    tmp_path: Path,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    settings.VAR_DIR = tmp_path
    here, beside = Unkept(), Unkept()
    with django_assert_num_queries(0):
        for seconds in (0, 30, 59):
            here.away(at(seconds))
        assert mails == []
        for seconds in (61, 66, 71):
            here.away(at(seconds))  # the webhook fails
            beside.away(at(seconds))
        for seconds in (200, 362, 367):
            here.away(at(seconds))
            beside.away(at(seconds))
    assert [str(mail["Subject"]) for mail in mails] == ["[recorder] Alarm: archiving lags behind"]
    assert "The database does not answer" in hook[0]["text"]
    here.back(at(400))
    beside.back(at(400))
    assert look(401) == [Alarm.objects.get().text]
    look(470)
    tell(471)
    states = [said["state"] for said in hook]
    assert (states, str(mails[-1]["Subject"])) == (["open", "over"], "[recorder] Over: archiving lags behind")
    beside.away(at(500))
    beside.back(at(510))
    assert Alarm.objects.count() == 1, "a moment's trouble is none"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_answers_but_cannot_be_written_is_told_of(
    settings: Settings, mails: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(unkept, "AWAY_FOR", timedelta(0))
    heartbeat.write("one", [], {"spool_failing": 1})
    set_read_only("on")
    try:
        for _ in range(2):
            with pytest.raises(InternalError, match="read-only"):
                watch.look()
    finally:
        set_read_only("off")
    assert [str(mail["Subject"]) for mail in mails] == ["[recorder] Alarm: archiving lags behind"]
    assert "cannot be written" in str(mails[0].get_payload())
    watch.look()
    assert set(Alarm.objects.values_list("kind", flat=True)) == {"archive_lag", "spool"}


def set_read_only(on: str) -> None:
    """Of the whole database, as a disk that is full or a standby would be, for connections to come."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {on}")
    connection.close()
