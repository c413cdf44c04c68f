"""Whether ACS can reach us: PUBLIC_URL as an outsider sees it, and a WebSocket handshake through what is in front."""

import asyncio
import ssl
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from django.conf import settings
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidStatus

from calls.signed_urls import server_base
from config.doctor.finding import Finding, off, ok, wrong

SECONDS = 10
DEAD = "/acs/media/doctor"  # no token: the door itself refuses, which shows that it was reached
DROPS_UPGRADE = (
    "The proxy in front drops the upgrade: nginx needs proxy_http_version 1.1 and the headers Upgrade and Connection."
)
NOT_OURS = "Point the name and the proxy to this server's HOST:PORT."


def public_url() -> Finding:
    if not settings.PUBLIC_URL:
        return off("PUBLIC_URL is unset: ACS cannot reach this server; fine for the emulator on this machine")
    url = f"{settings.PUBLIC_URL}/healthz/live"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310  (http or https: config/env.py)
            body = answer.read(1000)
    except urllib.error.HTTPError as error:
        return wrong(f"{url} answers HTTP {error.code}", NOT_OURS)
    except (OSError, ValueError) as error:
        return wrong(f"{url} cannot be reached: {_why(error)}", _fix(error))
    if b'"live"' not in body:
        return wrong(f"{settings.PUBLIC_URL} is reached, but something else answers there", NOT_OURS)
    if not settings.PUBLIC_URL.startswith("https://"):
        return wrong("PUBLIC_URL is http://: ACS calls back https:// and streams to wss:// only", "Use a certificate.")
    return ok(f"{settings.PUBLIC_URL} reaches this server, with a certificate that this machine trusts")


def socket_handshake() -> Finding:
    """A handshake without a token: 403 from our own door is the right answer."""
    base = settings.PUBLIC_URL or server_base()
    url = f"ws{base.removeprefix('http')}{DEAD}"
    try:
        status = asyncio.run(_status(url))
    except (OSError, InvalidHandshake, TimeoutError) as error:
        if not settings.PUBLIC_URL:
            return off(f"no server runs at {base}: start it to have its socket checked")
        return wrong(f"{url} cannot be reached: {_why(error)}", _fix(error))
    if status == 403:
        return ok(f"the media socket at {urlsplit(url).netloc} is reached, and refuses who brings no proof")
    if status in {400, 426}:
        return wrong(f"{url} answers HTTP {status}: the upgrade does not arrive", DROPS_UPGRADE)
    if status == 503:
        return wrong(f"{url} answers HTTP 503: no new streams are taken", "See /healthz/ready, the log and the disk.")
    return wrong(f"{url} answers HTTP {status}", NOT_OURS)


async def _status(url: str) -> int:
    try:
        async with asyncio.timeout(SECONDS), connect(url, open_timeout=SECONDS, proxy=None):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def _why(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return " ".join(str(reason).split()).rstrip(".") or type(error).__name__


def _fix(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLError):
        return "Give the proxy a certificate of a public authority for this name, with its chain; ACS trusts no other."
    return "Check the name (DNS), the firewall (TCP 443 from ACS's addresses) and that the proxy runs."
