"""Alarms by webhook at real servers: why one does not take an alarm, in plain words with what to do, and how it can
tell that it was told the same twice."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from acs_emulator.tls import Authority
from media.alarms import telling, webhook
from media.models import Alarm
from tests.media.alarms.test_mail import an_alarm, told
from tests.serving import free_port

pytestmark = pytest.mark.django_db
Request = tuple[dict[str, str], dict[str, Any]]


class Hook(ThreadingTCPServer):
    """Answers each POST with `answer`, and keeps it: its head, and its JSON."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, answer: bytes, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answer, self.context, self.got = answer, context, list[Request]()

    def get_request(self) -> tuple[socket.socket, Any]:
        peer, address = super().get_request()
        return (self.context.wrap_socket(peer, server_side=True) if self.context else peer), address


class _Answering(StreamRequestHandler):
    server: Hook

    def handle(self) -> None:
        head: dict[str, str] = {}
        while (line := self.rfile.readline().strip().decode()) or not head:
            name, _, value = line.partition(": ")
            head[name.lower()] = value
        self.server.got.append((head, json.loads(self.rfile.read(int(head["content-length"])))))
        self.wfile.write(self.server.answer)


@contextmanager
def serving(hook: Hook) -> Iterator[int]:
    """Its port."""
    with hook:
        threading.Thread(target=hook.serve_forever, args=(0.02,), daemon=True).start()
        yield hook.server_address[1]
        hook.shutdown()


def http(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nLocation: /elsewhere\r\nContent-Length: 11\r\n\r\nthe-secret!".encode()


ANSWERS = {
    http("301 Moved"): "sends on to another address (HTTP 301 Moved Permanently). Name that address",
    http("403 the-secret"): "refuses who posts there (HTTP 403 Forbidden). Its secret has changed: make a new one",
    http("404 no_service"): "is not there any more (HTTP 404 Not Found). Make a new one at Slack, Teams",
    http("405 No"): "takes no POST (HTTP 405 Method Not Allowed). That is a page for people",
    http("400 invalid_payload"): "does not understand what it gets (HTTP 400 Bad Request). Write slack+ or teams+",
    http("429 Slow down"): "wants to be asked less often, or later (HTTP 429 Too Many Requests). It is tried again",
    http("503 Away"): "fails in itself (HTTP 503 Service Unavailable). It is tried again",
    http("418 Tea"): "does not take it (HTTP 418 I'm a Teapot). Compare its address",
    http("799 What"): "does not take it (HTTP 799). Compare its address",
    b"SSH-2.0-OpenSSH_9.2\r\n": "answers with something that is no HTTP. Another service listens there",
    b"": "ended the connection without an answer, so it may have it. It is tried again",
}


def test_it_says_in_plain_words_why_it_is_not_taken(settings: Settings, caplog: Any) -> None:
    alarm, hook = an_alarm(), Hook(b"")
    with serving(hook) as port:
        settings.ALARM_WEBHOOKS = [f"http://127.0.0.1:{port}/hook/the-secret"]
        for answer, words in ANSWERS.items():
            hook.answer = answer
            assert told(alarm).trouble.startswith(f"webhook 1 of ALARM_WEBHOOKS {words}"), answer
            assert "the-secret" not in alarm.trouble
            assert alarm.trouble in [r.getMessage() for r in caplog.records if r.name == telling.log.name][-1]
        assert alarm.told_at is None
        hook.answer = http("204 No Content")
        assert told(alarm).told_at
    assert len(hook.got) == len(ANSWERS) + 1, "nobody was sent elsewhere"


def test_it_says_so_where_it_does_not_come_that_far(
    settings: Settings, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm, mute = an_alarm(), socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr(webhook, "SECONDS", 0.3)

    def says(address: str, words: str) -> None:
        settings.ALARM_WEBHOOKS = ["http://127.0.0.1:1/", address]
        assert f"webhook 2 of ALARM_WEBHOOKS {words}" in told(alarm).trouble
        assert "the-secret" not in alarm.trouble

    says(f"http://127.0.0.1:{free_port()}/the-secret", "cannot be reached (Connection refused). Compare host and port")
    says("https://no-such-host.invalid/the-secret", "is not found by its name. Correct the name")
    says(f"http://127.0.0.1:{mute.getsockname()[1]}/the-secret", "did not answer within 0.3 s, so it may have it. Look")
    with serving(Hook(http("200 OK"))) as port:
        says(f"https://127.0.0.1:{port}/the-secret", "does not speak TLS as it should. Is it http:// instead of")
    with serving(Hook(http("200 OK"), authority.server_context())) as port:
        says(f"https://127.0.0.1:{port}/the-secret", "has a certificate that is not trusted: unable to get local")
        assert "SSL_CERT_FILE" in alarm.trouble
    mute.close()


def test_who_is_told_twice_can_tell(settings: Settings) -> None:
    """A process that dies before it has written down whom it told is followed by one that tells the same again."""
    hook, other = Hook(http("200 OK")), Hook(http("200 OK"))
    an_alarm()
    with serving(hook) as port, serving(other) as second:
        settings.ALARM_WEBHOOKS = [f"http://127.0.0.1:{port}/", f"slack+http://127.0.0.1:{second}/"]
        for _ in range(2):
            telling.tell_once([Alarm.objects.get()])  # and nothing of it is written down
        told(Alarm.objects.get())
        Alarm.objects.update(closed_at=timezone.now(), reached=[])
        told(Alarm.objects.get())
        telling.tell_once([an_alarm("two")])
    keys = [head["idempotency-key"] for head, _ in hook.got]
    assert keys[0] == keys[1] == keys[2]
    assert len(set(keys)) == 3, "the end is another message, and so is another incident"
    assert keys == [head["idempotency-key"] for head, _ in other.got], "in whatever form"
    assert keys == [f"{said['id']}-{said['state']}" for _, said in hook.got]
    ids = [said["id"] for _, said in hook.got]
    assert (len(set(ids[:4])), len(set(ids))) == (1, 2), "the end has the id of its beginning"
