"""Alarms by mail: one sent to one person, and why the mail server of EMAIL_URL does not take it, with what to do."""

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

ERRORS = (OSError, SMTPException, ValueError)
ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
OF_ANOTHER_NAME = {62, 63, 64}  # OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH, …EMAIL_…, …IP_ADDRESS_…
BEGINS_WITH_TLS = (
    "smtps:// is for a port that begins with TLS (465), smtp://user:password@… for one with STARTTLS (587)."
)
OWN_AUTHORITY = (
    "Of an authority of your own: name a file in SSL_CERT_FILE that holds its certificate and the system's, and start "
    "anew. Otherwise renew the certificate, with its chain."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, without an address, and what to do."""

    words: str
    fix: str

    def __str__(self) -> str:
        return f"{self.words}. {self.fix}"


def send(subject: str, text: str, to: str, key: str) -> None:
    """Raises one of ERRORS. What is sent again with the same `key` is the same mail, to programs that look."""
    host = settings.ALARM_MAIL_FROM.rpartition("@")[2].rstrip(">")
    EmailMessage(subject, text, settings.ALARM_MAIL_FROM, [to], headers={"Message-ID": f"<{key}@{host}>"}).send()


def rehearse(to: list[str]) -> bool:
    """As far as it goes without sending anything: TLS, log-in, and whether these get mail from us. Whether it is
    encrypted. Raises one of ERRORS."""
    connection: Any = get_connection()
    connection.open()
    try:
        server = connection.connection
        server.ehlo_or_helo_if_needed()
        for person in to:
            code, said = server.mail(settings.ALARM_MAIL_FROM)
            if code != 250:
                raise SMTPSenderRefused(code, said, settings.ALARM_MAIL_FROM)
            code, said = server.rcpt(person)
            if code not in {250, 251}:
                raise SMTPRecipientsRefused({person: (code, said)})
            server.rset()
        return isinstance(server.sock, ssl.SSLSocket)
    finally:
        connection.close()


def stays_here() -> bool:
    """Whether the mail server is on this machine, where nobody is in between."""
    host = settings.EMAIL_HOST
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def server() -> str:
    return f"the mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def fault_of(error: Exception) -> Fault:
    """In plain words. The server's own are repeated, without addresses of people."""
    if isinstance(error, SMTPServerDisconnected) and isinstance(error.__context__, OSError):
        error = error.__context__
    words, fix = next((say(error) for kind, say in _SAYINGS if isinstance(error, kind)), (_one_line(str(error)), ""))
    return Fault(f"{server()} {words}", fix or "Compare EMAIL_URL and ALARM_MAIL_FROM with what the server wants.")


def _login(error: Exception) -> tuple[str, str]:
    words = f"refuses the log-in ({_said(error)})"
    return words, "Compare user and password in EMAIL_URL; there @ is written %40, : %3A and / %2F."


def _missing(error: Exception) -> tuple[str, str]:
    if "STARTTLS" in str(error):
        return "offers no STARTTLS, and the password is not sent without", BEGINS_WITH_TLS
    return "takes no log-in here", "Leave user and password out of EMAIL_URL, or name another port."


def _untrusted(error: Exception) -> tuple[str, str]:
    assert isinstance(error, ssl.SSLCertVerificationError)  # noqa: S101  (the table below)
    words = f"has a certificate that is not trusted: {_one_line(error.verify_message)}"
    of_another = error.verify_code in OF_ANOTHER_NAME
    return words, "Write the name of the certificate in EMAIL_URL." if of_another else OWN_AUTHORITY


def _no_tls(error: Exception) -> tuple[str, str]:
    return f"does not speak TLS as it should ({_one_line(getattr(error, 'reason', '') or str(error))})", BEGINS_WITH_TLS


def _silent(error: Exception) -> tuple[str, str]:
    words = f"did not answer within {settings.EMAIL_TIMEOUT:g} s"
    return words, f"Look whether it runs, and at the firewall. {BEGINS_WITH_TLS}"


def _unknown(error: Exception) -> tuple[str, str]:
    return "is not found by its name", "Correct the name in EMAIL_URL, or the name server of this machine."


def _unreachable(error: Exception) -> tuple[str, str]:
    words = _one_line(getattr(error, "strerror", None) or str(error))
    return f"cannot be reached ({words})", "Compare host and port in EMAIL_URL, and look whether it runs."


def _sender(error: Exception) -> tuple[str, str]:
    if getattr(error, "smtp_code", 0) == 530:
        return f"wants a log-in over TLS ({_said(error)})", BEGINS_WITH_TLS
    return f"takes no mail from ALARM_MAIL_FROM ({_said(error)})", "Name an address there that this user may send from."


def _recipient(error: Exception) -> tuple[str, str]:
    assert isinstance(error, SMTPRecipientsRefused)  # noqa: S101  (the table below)
    ((who, (code, said)),) = list(error.recipients.items())[:1]
    known = settings.ALARM_MAIL_TO
    which = f"address {known.index(who) + 1} of ALARM_MAIL_TO" if who in known else "ALARM_MAIL_TO"
    words = f"takes no mail for {which} ({_said(SMTPResponseException(code, said))})"
    return words, "Correct the address, or let the server take mail for it from this machine."


def _refused(error: Exception) -> tuple[str, str]:
    return f"does not take the mail ({_said(error)})", ""


def _gone(error: Exception) -> tuple[str, str]:
    return "ended the connection", f"Its log says why. {BEGINS_WITH_TLS}"


_SAYINGS: tuple[tuple[type[Exception], Callable[[Exception], tuple[str, str]]], ...] = (
    (SMTPAuthenticationError, _login),
    (SMTPNotSupportedError, _missing),
    (SMTPSenderRefused, _sender),
    (SMTPRecipientsRefused, _recipient),
    (SMTPResponseException, _refused),
    (SMTPServerDisconnected, _gone),
    (ssl.SSLCertVerificationError, _untrusted),
    (TimeoutError, _silent),
    (ssl.SSLError, _no_tls),
    (socket.gaierror, _unknown),
    (OSError, _unreachable),
)
"""The first that fits; kinds before what they are kinds of."""


def _said(error: Exception) -> str:
    code, text = getattr(error, "smtp_code", ""), getattr(error, "smtp_error", b"")
    return _one_line(f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}")


def _one_line(text: str) -> str:
    return ADDRESS.sub("…", " ".join(text.split()))[:200].rstrip(". ")
