"""Alarms by webhook: one posted to one address, and why it is not taken there, with what to do. The address may hold a
secret, so it is never named, nor is what the other side says of it."""

import json
import socket
import ssl
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError

from media.alarms.bodies import Said, body, plain
from media.alarms.mail import OF_ANOTHER_NAME, OWN_AUTHORITY, Fault

SECONDS = 10
ERRORS = (OSError, HTTPException, ValueError)
SETTING = "ALARM_WEBHOOKS"
AGAIN = "It is tried again by itself; if it stays so, ask whoever runs it."


class _Unmoved(urllib.request.HTTPRedirectHandler):
    """Who sends us elsewhere has not taken it: what is posted would arrive there as a GET, without a word."""

    def redirect_request(self, *arguments: Any, **more: Any) -> None:
        return None


_opener = urllib.request.build_opener(_Unmoved)


def send(address: str, said: Said) -> None:
    """Raises one of ERRORS. What is posted again, because nobody knows whether it arrived, has the same key."""
    content = json.dumps(body(address, said)).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": said.key}
    with _opener.open(urllib.request.Request(plain(address), content, headers), timeout=SECONDS):  # noqa: S310
        return


def fault_of(number: int, error: Exception) -> Fault:
    """In plain words; `number` says which of ALARM_WEBHOOKS."""
    if isinstance(error, URLError) and isinstance(error.reason, Exception):
        error = error.reason
    words, fix = next((say(error) for kind, say in _SAYINGS if isinstance(error, kind)), _strange(error))
    return Fault(f"webhook {number} of {SETTING} {words}", fix)


def _answered(error: Exception) -> tuple[str, str]:
    code = getattr(error, "code", 0)
    words, fix = next(said for codes, said in _ANSWERS if code in codes)
    meaning = f" {HTTPStatus(code).phrase}" if code in set(HTTPStatus) else ""
    return f"{words} (HTTP {code}{meaning})", fix


_ANSWERS: tuple[tuple[range | set[int], tuple[str, str]], ...] = (
    (range(300, 400), ("sends on to another address", f"Name that address in {SETTING} instead.")),
    (
        {401, 403, 407},
        ("refuses who posts there", f"Its secret has changed: make a new one, and name it in {SETTING}."),
    ),
    (
        {404, 410},
        ("is not there any more", f"Make a new one at Slack, Teams or whatever it was, and name it in {SETTING}."),
    ),
    ({405, 501}, ("takes no POST", f"That is a page for people: name the webhook's own address in {SETTING}.")),
    (
        {400, 415, 422},
        ("does not understand what it gets", "Write slack+ or teams+ before its address if it is one of those."),
    ),
    ({408, 429}, ("wants to be asked less often, or later", AGAIN)),
    (range(500, 600), ("fails in itself", AGAIN)),
    (range(1000), ("does not take it", f"Compare its address in {SETTING} with what it should be.")),
)


def _untrusted(error: Exception) -> tuple[str, str]:
    assert isinstance(error, ssl.SSLCertVerificationError)  # noqa: S101  (the table below)
    of_another = error.verify_code in OF_ANOTHER_NAME
    fix = f"Write the name of the certificate in {SETTING}." if of_another else OWN_AUTHORITY
    return f"has a certificate that is not trusted: {error.verify_message.rstrip('.')}", fix


def _no_tls(error: Exception) -> tuple[str, str]:
    return (
        "does not speak TLS as it should",
        f"Is it http:// instead of https://? Look at it, and at its port in {SETTING}.",
    )


def _silent(error: Exception) -> tuple[str, str]:
    return (
        f"did not answer within {SECONDS} s, so it may have it",
        "Look whether it runs, and at the firewall or proxy.",
    )


def _unknown(error: Exception) -> tuple[str, str]:
    return "is not found by its name", f"Correct the name in {SETTING}, or the name server of this machine."


def _gone(error: Exception) -> tuple[str, str]:
    return "ended the connection without an answer, so it may have it", AGAIN


def _unreachable(error: Exception) -> tuple[str, str]:
    words = " ".join(str(getattr(error, "strerror", None) or "no connection").split())
    return f"cannot be reached ({words})", f"Compare host and port in {SETTING}, and look whether it runs."


def _strange(error: Exception) -> tuple[str, str]:
    return (
        "answers with something that is no HTTP",
        f"Another service listens there: correct host and port in {SETTING}.",
    )


_SAYINGS: tuple[tuple[type[Exception], Callable[[Exception], tuple[str, str]]], ...] = (
    (HTTPError, _answered),
    (ssl.SSLCertVerificationError, _untrusted),
    (TimeoutError, _silent),
    (ssl.SSLError, _no_tls),
    (socket.gaierror, _unknown),
    (ConnectionResetError, _gone),
    (OSError, _unreachable),
)
"""The first that fits; kinds before what they are kinds of."""
