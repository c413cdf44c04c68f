"""Alarms by mail over TLS: a real mail server with a certificate of an authority of its own, and with log-in; and all
that such a server may do wrong, in sentences. Nothing waits for it."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Mailbox
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.utils import timezone
from pytest_django import Settings

from acs_emulator.tls import Authority
from config.doctor.mail import mail as checked
from config.env import Env
from media.alarms import telling, watch
from media.checks import mail_that_may_be_read as may_be_read
from media.models import Alarm
from tests.media.alarms.test_incidents import hook  # noqa: F401  (a fixture)
from tests.serving import free_port

pytestmark = pytest.mark.django_db(transaction=True)
ADA, BEN = "ada@example.com", "ben@example.com"


class Server(Mailbox):
    """Takes mail for all but Ben, after a log-in of ada with the password `s:cr@t/`."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []
        self.over_tls: list[bool] = []

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]) -> str:
        if to == BEN:
            return f"550 5.1.1 <{BEN}>: nobody of that name"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert server.transport
        self.over_tls.append(server.transport.get_extra_info("ssl_object") is not None)
        await super().handle_DATA(server, session, envelope)
        return "250 OK"

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)

    def knows(self, server: SMTP, session: Session, envelope: Envelope, how: str, said: Any) -> AuthResult:
        right = isinstance(said, LoginPassword) and (said.login, said.password) == (b"ada", b"s:cr@t/")
        return AuthResult(success=right, handled=False)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority.environment()["SSL_CERT_FILE"])


@contextmanager
def serving(context: ssl.SSLContext, scheme: str, port: int = 0) -> Iterator[tuple[Server, str]]:
    """The server, and its address after the log-in."""
    server, port = Server(), port or free_port()
    how: dict[str, Any] = {"authenticator": server.knows, "auth_required": True}
    how |= {"ssl_context": context, "auth_require_tls": False} if scheme == "smtps" else {"tls_context": context}
    controller = Controller(server, hostname="127.0.0.1", port=port, require_starttls=scheme == "smtp", **how)
    controller.start()
    try:
        yield server, f"127.0.0.1:{port}"
    finally:
        controller.stop()


def name(settings: Settings, url: str, *to: str) -> None:
    """As the environment would."""
    for setting, value in Env({"EMAIL_URL": url}).email("EMAIL_URL").items():
        setattr(settings, setting, value)
    settings.ALARM_MAIL_TO = list(to or [ADA])


def an_alarm(subject: str = "one") -> Alarm:
    now = timezone.now()
    text = f"The process {subject} cannot write its spool."
    return Alarm.objects.create(
        kind=Alarm.Kind.SPOOL, subject=subject, text=text, seen_since=now, seen_at=now, opened_at=now
    )


def told(alarm: Alarm) -> Alarm:
    """After one try."""
    telling.tell([alarm], timezone.now())
    alarm.refresh_from_db()
    return alarm


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_it_is_mailed_over_tls_to_who_can_be_reached(
    settings: Settings, trusted: None, authority: Authority, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with serving(authority.server_context(), scheme) as (server, where):
        name(settings, f"{scheme}://ada:s%3Acr%40t%2F@{where}", ADA)
        assert checked().words == f"the mail server {where} takes alarms for all of ALARM_MAIL_TO, over TLS"
        assert server.mails == [], "the doctor sends none"
        alarm = told(an_alarm())
        assert (alarm.trouble, alarm.told_at is None) == ("", False)
        assert [(m["To"], m["Subject"]) for m in server.mails] == [(ADA, "[recorder] Alarm: spool cannot be written")]
        assert server.over_tls == [True]
        key = telling.words(Alarm.objects.get()).key
        assert server.mails[0]["Message-ID"] == f"<{key}@localhost>", "the same, should a process die over it"

        settings.ALARM_MAIL_TO = [BEN, ADA]
        refused = told(an_alarm("two"))
        said = (
            f"the mail server {where} takes no mail for address 1 of ALARM_MAIL_TO (550 5.1.1 <…>: nobody of that name)"
        )
        assert refused.trouble == f"{said}. Correct the address, or let the server take mail for it from this machine."
        assert [m["To"] for m in server.mails] == [ADA, ADA], "who can be told is told"
        assert checked().words == said
        told(refused)
        assert len(server.mails) == 2, "and once"
        settings.ALARM_MAIL_TO = [ADA]
        assert told(refused).told_at

        monkeypatch.setattr(telling, "ROUND_SECONDS", -1.0)  # as if those before it had taken all the time
        late = told(an_alarm("three"))
        assert (late.told_at, late.tries, late.trouble) == (None, 0, "")
        assert late in telling.due(timezone.now()), "its turn comes in the next round"


@contextmanager
def open_to_all(context: ssl.SSLContext | None, host: str = "127.0.0.1") -> Iterator[tuple[Server, str]]:
    """A server without log-in, that offers STARTTLS or does not."""
    server, port = Server(), free_port()
    controller = Controller(server, hostname=host, port=port, tls_context=context)
    controller.start()
    try:
        yield server, f"{host}:{port}"
    finally:
        controller.stop()


def test_without_a_log_in_it_is_encrypted_where_that_is_offered(settings: Settings, authority: Authority) -> None:
    """By a certificate that nobody knows here."""
    with open_to_all(authority.server_context()) as (server, where):
        name(settings, f"smtp://{where}", ADA)
        finding = checked()
        assert (finding.health, "over TLS (STARTTLS as it is offered" in finding.words) == ("ok", True)
        assert told(an_alarm()).told_at
        assert (len(server.mails), server.over_tls) == (1, [True])


def test_it_says_where_it_is_not_encrypted(settings: Settings) -> None:
    with open_to_all(None) as (server, where):
        name(settings, f"smtp://{where}", ADA)
        assert (checked().health, checked().words.endswith("unencrypted, on this machine")) == ("ok", True)
        assert may_be_read(None) == []
        name(settings, f"smtp://{where}".replace("127.0.0.1", "127.1"), ADA)  # by a name, as another machine has
        finding = checked()
        assert (finding.health, "but unencrypted: it offers no STARTTLS" in finding.words) == ("off", True)
        assert "smtps://host" in finding.fix
        assert [found.id for found in may_be_read(None)] == ["media.W016"]
        assert told(an_alarm()).told_at, "an alarm is told all the same"
        assert (len(server.mails), server.over_tls) == (1, [False])
    for safe in ("smtps://mail.example.com", "smtp://ada:secret@mail.example.com"):
        name(settings, safe, ADA)
        assert may_be_read(None) == []


def test_it_says_in_plain_words_why_it_cannot_and_tries_again(
    settings: Settings, trusted: None, authority: Authority, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    alarm, tls = an_alarm(), "smtps:// is for a port that begins with TLS (465)"

    def says(url: str, words: str, fix: str) -> None:
        name(settings, url)
        tries = alarm.tries
        told(alarm)
        assert alarm.trouble.startswith(f"the mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} {words}"), url
        assert fix in alarm.trouble
        finding = checked()
        assert (finding.health, finding.words) == ("wrong", alarm.trouble.partition(". ")[0])
        assert fix in finding.fix
        assert (alarm.told_at, alarm.tries) == (None, tries + 1)
        assert alarm.next_try_at
        assert alarm.next_try_at > timezone.now(), "it is not lost"
        assert alarm.trouble in [r.getMessage() for r in caplog.records if r.name == telling.log.name][-1]
        assert "secret" not in alarm.trouble

    settings.EMAIL_TIMEOUT = 0.3
    dead, mute = free_port(), socket.create_server(("127.0.0.1", 0))
    quiet = f"127.0.0.1:{mute.getsockname()[1]}"
    with serving(authority.server_context(), "smtp") as (server, where):
        says(f"smtp://ada:secret@{where}", "refuses the log-in (535 5.7.8", "@ is written %40")
        says(f"smtp://{where}", "wants a log-in over TLS (530 5.7.0 Auth", "smtp://user:password@")
        says(f"smtps://ada:secret@{where}", "does not speak TLS as it should", tls)
        monkeypatch.delenv("SSL_CERT_FILE")
        says(
            f"smtp://ada:secret@{where}", "has a certificate that is not trusted: unable to get local", "SSL_CERT_FILE"
        )
        monkeypatch.setenv("SSL_CERT_FILE", authority.environment()["SSL_CERT_FILE"])
        says(f"smtp://ada:secret@{where}".replace("127.0.0.1", "127.1"), "has a certificate that", "Write the name of")
        says(f"smtp://ada:secret@{quiet}", "did not answer within 0.3 s", "firewall")
        says(f"smtps://ada:secret@{quiet}", "did not answer within 0.3 s", "firewall")
        says(f"smtp://127.0.0.1:{dead}", "cannot be reached (Connection refused)", "Compare host and port")
        says("smtp://no-such-host.invalid:25", "is not found by its name", "Correct the name")
        mute.close()
        name(settings, f"smtp://ada:s%3Acr%40t%2F@{where}")
        assert [due.pk for due in telling.due(timezone.now() + timedelta(hours=1))] == [alarm.pk]
        assert told(alarm).told_at
        assert (alarm.trouble, len(server.mails)) == ("", 1)


def be_told() -> None:
    """One look, and until nobody is being told any more."""
    watch.look()
    for thread in tellers():
        thread.join(30)


def tellers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == watch.TELLING]


def test_nothing_waits_for_a_mail_server_that_is_silent(
    settings: Settings,
    authority: Authority,
    trusted: None,
    hook: list[dict[str, Any]],  # noqa: F811
) -> None:
    """Neither the next look, nor another alarm, nor who is told otherwise; and the mail comes when it can."""
    mute = socket.create_server(("127.0.0.1", 0))
    port = mute.getsockname()[1]
    name(settings, f"smtps://ada:s%3Acr%40t%2F@127.0.0.1:{port}")
    waiting = []
    for subject in ("one", "two"):
        an_alarm(subject)
        watch.look()
        waiting.append(mute.accept()[0])
    until = time.monotonic() + 20
    while not hook and time.monotonic() < until:  # which fails the first time
        time.sleep(0.02)
    assert "The process two cannot" in hook[0]["text"]
    assert len(tellers()) == 2, "the mails are still under way"
    assert telling.claim(timezone.now()) == [], "by one only"
    mute.close()
    for peer in waiting:
        peer.close()
    be_told()
    troubles = Alarm.objects.filter(told_at=None, tries=1).values_list("trouble", flat=True)
    assert [trouble.partition(":")[0] for trouble in troubles] == ["the mail server 127.0.0.1"] * 2
    Alarm.objects.update(next_try_at=timezone.now())
    with serving(authority.server_context(), "smtps", port) as (server, _):
        be_told()
    assert len(server.mails) == len(hook) == 2
    assert not Alarm.objects.filter(told_at=None).exists()
