"""Does to a media socket what the service does, and says where it goes wrong: name, TLS, upgrade, metadata, frames.
`python -m acs_emulator probe wss://…`, from any machine."""

import argparse
import asyncio
import contextlib
import ipaddress
import socket
import ssl
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from acs_emulator.clock import stamp
from acs_emulator.media.frame import FRAME_NS, Frame
from acs_emulator.media.messages import audio_metadata
from acs_emulator.media.socket import DialFailed, Socket, dial, plain, system_trust

SECONDS = 3.0
# For each step that waits for the other side; for its answer to a close frame, behind which all frames lie.
PATIENCE, GOODBYE = 10, 3
RATE, FRAME_BYTES = 16_000, 640

Say = Callable[[str], None]

STATUSES = {
    301: "it redirects. ACS follows no redirects to a socket: give it the final address.",
    302: "it redirects, perhaps to a login page. The socket's path must be free of logins.",
    307: "it redirects. ACS follows no redirects to a socket: give it the final address.",
    308: "it redirects. ACS follows no redirects to a socket: give it the final address.",
    400: "it takes this for no WebSocket upgrade: a proxy in between drops the Upgrade header (nginx needs "
    "proxy_http_version 1.1 and the Upgrade and Connection headers).",
    401: "it wants a JWT that only ACS can sign. Probe with its authentication off, or pass --header.",
    403: "it refuses the proof: the token in the address is not its own or has expired, or a firewall objects.",
    404: "there is nothing at this path, or the proxy does not pass it on.",
    405: "what is at this path takes no WebSocket.",
    426: "it is reachable but was not asked for WebSocket: something in between drops the Upgrade header.",
    429: "it takes no more calls now.",
    500: "the application failed while it accepted the socket. Its log says why.",
    502: "a proxy answers, but the application behind it does not run or listens elsewhere.",
    503: "it takes no more streams now (full, draining, or not started).",
    504: "a proxy answers, but the application behind it is too slow.",
}


NO_CERTIFICATE = "the server wants certificates of its clients; ACS proves itself by its JWT alone."


class Faulty(Exception):
    """What is wrong, in plain words."""


@dataclass
class Answers:
    """What came from the other side while frames were sent."""

    messages: int = 0
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    code: int | None = None
    reason: str = ""

    def message(self, message: str | bytes) -> None:
        self.messages += 1

    def lost(self, code: int | None, reason: str) -> None:
        self.code, self.reason = code, reason
        self.closed.set()


async def probe(
    url: str,
    say: Say,
    *,
    seconds: float = SECONDS,
    trust: ssl.SSLContext | None = None,
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Says each step; True when a stream would work."""
    try:
        address = _address(url, say)
        public = await _name(address, say) and address.scheme == "wss"
        await _reach(address)
        if address.scheme == "wss":
            await _tls(address, trust or system_trust(), say)
        answers = Answers()
        opened = await _upgrade(url, trust, headers or {}, answers, say)
        await _frames(opened, answers, seconds, say)
    except Faulty as fault:
        say(f"FAULT     {fault}")
        return False
    say(f"ok        {'ACS could stream here.' if public else 'The socket works; ACS needs what the warnings name.'}")
    return True


def _address(url: str, say: Say) -> SplitResult:
    try:
        address = urlsplit(url)
        host, _ = address.hostname, address.port
    except ValueError:
        raise Faulty(f"{url} is no address.") from None
    if address.scheme in {"http", "https"}:
        raise Faulty(f"ACS wants the address with wss://, not {address.scheme}://.")
    if address.scheme not in {"ws", "wss"} or not host:
        raise Faulty("this is no address of a media socket: it must begin with wss:// and name a host.")
    if address.scheme == "ws":
        say("warning   ACS itself takes only wss://; ws:// works with the emulator alone.")
    return address


async def _name(address: SplitResult, say: Say) -> bool:
    """Whether it is public."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(address.hostname, _port(address), type=socket.SOCK_STREAM)
    except OSError as wrong:
        why = wrong.strerror or wrong
        raise Faulty(f"the name {address.hostname} does not resolve ({why}): check the DNS record.") from None
    except UnicodeError:
        raise Faulty(f"{address.hostname} can be no host's name.") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    say(f"name      {address.hostname} is {', '.join(addresses)}")
    public = any(ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses)
    if not public:
        say("warning   this address is private: ACS cannot reach it. Use a public name or a tunnel.")
    return public


async def _reach(address: SplitResult) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(address.hostname, _port(address))
    except OSError as wrong:
        raise Faulty(_connection_fault(wrong, address)) from None
    writer.transport.abort()


async def _tls(address: SplitResult, trust: ssl.SSLContext, say: Say) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(address.hostname, _port(address), ssl=trust)
    except ssl.SSLCertVerificationError as wrong:
        raise Faulty(_certificate_fault(wrong, str(address.hostname))) from None
    except ssl.SSLEOFError:
        raise Faulty("it ended the TLS handshake: is this the port of plain http?") from None
    except ssl.SSLError as wrong:
        raise Faulty(_tls_fault(str(wrong.reason), str(address.hostname))) from None
    except (ConnectionResetError, ConnectionAbortedError):
        raise Faulty("it ended the TLS handshake: is this the port of plain http?") from None
    except TimeoutError:
        raise Faulty(
            f"it did not answer the TLS handshake within {PATIENCE} s: is this the port of plain http?"
        ) from None
    except OSError as wrong:
        raise Faulty(_connection_fault(wrong, address)) from None
    secured: ssl.SSLObject = writer.get_extra_info("ssl_object")
    certificate = secured.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    named: Any = certificate.get("issuer", ())
    issuer = {key: value for part in named for key, value in part}
    who = issuer.get("organizationName") or issuer.get("commonName") or "an unnamed authority"
    say(f"tls       {secured.version()}, certificate from {who}, valid until {ends:%Y-%m-%d}")
    writer.transport.abort()


def _certificate_fault(wrong: ssl.SSLCertVerificationError, host: str) -> str:
    if wrong.verify_code == 10:
        return "the certificate has expired: renew it."
    if wrong.verify_code == 18:
        return "the certificate is self-signed. ACS trusts public authorities only: use a tunnel or Let's Encrypt."
    if wrong.verify_code in {19, 20, 21}:
        return (
            "the certificate's chain does not lead to an authority that is trusted: either the server does not send "
            "the intermediate certificates (serve fullchain.pem), or the authority is a private one."
        )
    if wrong.verify_code in {62, 64}:
        return f"the certificate is for another name than {host}."
    return f"the certificate is not trusted: {wrong.verify_message}."


def _tls_fault(reason: str, host: str) -> str:
    """OpenSSL's word for it, in plain ones."""
    if "UNRECOGNIZED_NAME" in reason:
        return f"the server knows no {host}: it has a certificate for other names only."
    if "PROTOCOL" in reason or "VERSION_TOO" in reason:
        return f"it speaks no version of TLS that is taken today, 1.2 or 1.3 ({reason})."
    if "ALERT" in reason:
        return f"the server refused the TLS handshake ({reason}): its log says why."
    return f"what listens there does not speak TLS ({reason}): is this the port of plain http?"


def _connection_fault(wrong: OSError, address: SplitResult) -> str:
    host = f"[{address.hostname}]" if ":" in str(address.hostname) else address.hostname
    where = f"{host}:{_port(address)}"
    if isinstance(wrong, ConnectionRefusedError):
        return f"nothing listens at {where}: is the server running, and is this its port?"
    if isinstance(wrong, TimeoutError):
        return f"{where} does not answer: a firewall drops the connection, or the address is wrong."
    return f"{where} cannot be reached: {plain(wrong)}."


async def _upgrade(
    url: str, trust: ssl.SSLContext | None, headers: Mapping[str, str], answers: Answers, say: Say
) -> Socket:
    ids = {"x-ms-call-connection-id": str(uuid.uuid4()), "x-ms-call-correlation-id": str(uuid.uuid4())}
    try:
        opened = await dial(url, ids | dict(headers), answers.message, answers.lost, trust)
    except DialFailed as failed:
        if "CERTIFICATE_REQUIRED" in str(failed):
            raise Faulty(NO_CERTIFICATE) from None
        if failed.status is None:
            raise Faulty(f"the upgrade failed: {failed}.") from None
        why = STATUSES.get(failed.status, "its log says why.")
        if failed.status == 200:
            why = "a web page answers where a socket should be."
        raise Faulty(f"the upgrade was answered with HTTP {failed.status}: {why}") from None
    say("upgrade   101, the socket is open")
    return opened


async def _frames(opened: Socket, answers: Answers, seconds: float, say: Say) -> None:
    loop = asyncio.get_running_loop()
    opened.send(audio_metadata("2", str(uuid.uuid4()), RATE, FRAME_BYTES))
    begin, wall = loop.time(), int(datetime.now(UTC).timestamp() * 1000) * 1_000_000
    count = round(seconds * 50)
    for number in range(count):
        if (wait := begin + number * 0.02 - loop.time()) > 0:
            await asyncio.sleep(wait)
        await _check_open(opened, answers, number)
        opened.send(Frame(None, wall + number * FRAME_NS, bytes(FRAME_BYTES), silent=True).text("2", 3))
    if opened.backlog > 64_000:
        raise Faulty(f"the server does not read: {opened.backlog} bytes wait in this machine's buffer.")
    await _check_open(opened, answers, count)
    if not await opened.close(1000, GOODBYE):
        raise Faulty(f"the server does not read: {GOODBYE} s after {count} frames it has not answered the close frame.")
    say(f"frames    metadata and {count} frames since {stamp(wall)}, {answers.messages} messages came back")


async def _check_open(opened: Socket, answers: Answers, frames: int) -> None:
    if opened.is_open and not answers.closed.is_set():
        return
    with contextlib.suppress(TimeoutError):  # its reason comes with the end of TCP
        await asyncio.wait_for(answers.closed.wait(), 1)
    raise Faulty(_closed(answers, frames))


def _closed(answers: Answers, frames: int) -> str:
    after = f"after {frames} frames" if frames else "right after the upgrade"
    if answers.code is None:
        return f"the connection broke {after} without a close frame: the application or a proxy in front gave up."
    meaning = {
        1003: "it cannot store this kind of data",
        1008: "it refuses by its policy, often a missing or wrong JWT",
        1009: "a message was too big for it",
        1011: "the application failed",
        1012: "it restarts",
        4429: "it takes no more calls",
    }.get(answers.code, "its log says why")
    return f"the server closed with {answers.code} {after}: {answers.reason or meaning}."


def _port(address: SplitResult) -> int:
    return address.port or (443 if address.scheme == "wss" else 80)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", help="wss://… as ACS gets it as transportUrl")
    parser.add_argument("--ca", type=Path, help="a certificate authority to trust besides the system's (PEM)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of frames; 3 by default")
    parser.add_argument("--header", action="append", default=[], metavar="NAME=VALUE", help="one more handshake header")


def run(arguments: argparse.Namespace) -> int:
    """The command; 0 when a stream would work, else 1."""
    trust = ssl.create_default_context()
    if arguments.ca:
        try:
            trust.load_verify_locations(arguments.ca)
        except (OSError, ssl.SSLError) as wrong:
            sys.stderr.write(f"--ca {arguments.ca} cannot be read as PEM ({wrong}).\n")
            return 2
    if odd := next((header for header in arguments.header if "=" not in header), None):
        sys.stderr.write(f"--header {odd}: write NAME=VALUE.\n")
        return 2
    headers = dict(header.partition("=")[::2] for header in arguments.header)
    worked = asyncio.run(
        probe(
            arguments.url,
            lambda line: print(line, flush=True),  # noqa: T201
            seconds=arguments.seconds,
            trust=trust,
            headers=headers,
        )
    )
    return 0 if worked else 1
