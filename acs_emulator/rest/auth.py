"""The proof that a request comes from who has the key: HMAC-SHA256 as in ACS.md 4.3, or an Azure identity's token.
Pure: the time is given."""

import base64
import hashlib
import hmac
import itertools
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote

from acs_emulator.rest.errors import unauthorized

# How far the clock of who asks may be off [?]: as with other services of Azure that take this proof.
TOLERANCE = timedelta(minutes=15)

SIGNED_HEADERS = "x-ms-date;host;x-ms-content-sha256"
_AUTHORIZATION = re.compile(r"HMAC-SHA256\s+SignedHeaders=([^&]+)&Signature=(.+)")


def check(
    method: str,
    path_and_query: str,
    headers: Mapping[str, str],
    body: bytes,
    key: str,
    now: datetime,
    *,
    identity_tokens: bool = False,
) -> None:
    """Raises ApiError 401 that says what is wrong. `path_and_query` as it was sent, still percent-encoded."""
    given = headers.get("Authorization", "")
    if given.startswith("Bearer ") and identity_tokens:
        return
    if given.startswith("Bearer "):
        raise unauthorized("Tokens of Azure identities are not taken: start the emulator with --identity-tokens.")
    found = _AUTHORIZATION.fullmatch(given)
    if not found:
        raise unauthorized("The Authorization header is missing or is not HMAC-SHA256 SignedHeaders=…&Signature=….")
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if headers.get("x-ms-content-sha256", "") != digest:
        raise unauthorized("HMAC validation error: x-ms-content-sha256 is not the hash of the body.")
    if found[1].lower() != SIGNED_HEADERS:
        raise unauthorized(f"HMAC validation error: SignedHeaders must be {SIGNED_HEADERS}.")
    host, date = headers.get("Host", ""), headers.get("x-ms-date", "")
    # A client whose endpoint ends in a slash signs the slash and does not send it (ACS.md 4.3).
    for signed_path, signed_host in itertools.product(_forms(path_and_query), (host, f"{host}/")):
        text = f"{method}\n{signed_path}\n{date};{signed_host};{digest}"
        if hmac.compare_digest(signature(text, key).encode(), found[2].encode()):
            _check_date(date, now)
            return
    raise unauthorized("HMAC validation error: the signature does not match. Is it the access key of this resource?")


def _check_date(date: str, now: datetime) -> None:
    try:
        sent = parsedate_to_datetime(date)
    except ValueError:
        raise unauthorized("HMAC validation error: x-ms-date is no date as in RFC 1123.") from None
    sent = sent.replace(tzinfo=sent.tzinfo or UTC)
    if abs(off := sent - now) > TOLERANCE:
        which, minutes = "fast" if off > timedelta() else "slow", abs(off) // timedelta(minutes=1)
        raise unauthorized(
            f"HMAC validation error: x-ms-date is {date}, but here it is {now:%a, %d %b %Y %H:%M:%S} GMT: the clock of "
            f"who asks is {minutes} minutes {which}."
        )


def signature(text: str, key: str) -> str:
    return base64.b64encode(hmac.digest(base64.b64decode(key), text.encode(), "sha256")).decode()


def _forms(path_and_query: str) -> list[str]:
    """A path as it was sent, and as it may have been signed: aiohttp, beneath the SDK's asynchronous client, sends a
    participant's id decoded that was signed encoded."""
    path, mark, query = path_and_query.partition("?")
    plain = unquote(path)
    encoded = "/".join(quote(part, safe="") for part in plain.split("/"))
    return list(dict.fromkeys(f"{form}{mark}{query}" for form in (path, plain, encoded)))
