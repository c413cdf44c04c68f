"""Checks the JWT that ACS signs its sockets and callbacks with (RS256; issuer, audience and keys as ACS.md 1 has them).

Knows the key server's address from the settings; no database. A reason never holds any part of the token.
"""

import asyncio
import logging
import time
import urllib.request
from typing import Any

import jwt
from django.conf import settings

logger = logging.getLogger(__name__)

LEEWAY_SECONDS = 300  # ACS documents no clock skew; with less, good tokens are refused at times (ACS.md 1)
FETCH_SECONDS = 5.0
MOST_BYTES = 1 << 18
KEEP_SECONDS = 6 * 3600  # keys are fetched again after so long even when the one asked for is known
LEAST_SECONDS = 30  # between two fetches: forged tokens must not make us a load on the key server
LEAST_AFTER_FAILURE = 2
REASONS: tuple[tuple[type[Exception], str], ...] = (
    (jwt.ExpiredSignatureError, "the token has expired"),
    (jwt.ImmatureSignatureError, "the token is not valid yet; compare the clocks"),
    (jwt.InvalidIssuerError, "the token is not from ACS_ISSUER"),
    (
        jwt.InvalidAudienceError,
        "the token is for another resource; compare ACS_RESOURCE_ID with the immutable resource id",
    ),
    (jwt.MissingRequiredClaimError, "the token lacks an expiry, an issuer or an audience"),
    (jwt.InvalidSignatureError, "the token's signature is wrong"),
)


class BadJwt(ValueError):
    """The bearer token does not prove that ACS sent this."""


async def verify(token: str) -> dict[str, Any]:
    """The claims of a token that ACS signed for this resource. Raises BadJwt."""
    if not token:
        raise BadJwt("no bearer token in the Authorization header")
    key = await _ring(settings.ACS_JWKS_URL).key(_key_id(token))
    try:
        return jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            audience=settings.ACS_RESOURCE_ID,
            issuer=settings.ACS_ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud"]},
        )
    except jwt.PyJWTError as error:
        raise BadJwt(
            next((words for kind, words in REASONS if isinstance(error, kind)), "the token is no JWT")
        ) from None


def _key_id(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise BadJwt("the bearer token is no JWT") from None
    if header.get("alg") != "RS256":
        raise BadJwt("the token is not signed with RS256")
    if not isinstance(header.get("kid"), str):
        raise BadJwt("the token does not name its key")
    return str(header["kid"])


class KeyRing:
    """The public keys of one key server, fetched when an unknown one is asked for, at most every LEAST_SECONDS. Nobody
    waits for the server over a key that is known: what ACS sends must be taken while the server hangs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, jwt.PyJWK] = {}
        self.fetched_at = self.again_at = float("-inf")
        self.failed = False
        self.one = asyncio.Lock()
        self.refreshing: asyncio.Task[None] | None = None

    async def key(self, name: str) -> jwt.PyJWK:
        """Raises BadJwt when the server cannot be asked or has no such key."""
        if name in self.keys:
            self._refresh_if_old()
            return self.keys[name]
        if self._may_ask():
            async with self.one:
                if name not in self.keys and self._may_ask():
                    await self._fetch()
        if name in self.keys:
            return self.keys[name]
        raise BadJwt("ACS's public keys cannot be fetched (ACS_JWKS_URL)" if self.failed else "ACS has no such key")

    def _may_ask(self) -> bool:
        return time.monotonic() >= self.again_at

    def _refresh_if_old(self) -> None:
        old = time.monotonic() - self.fetched_at > KEEP_SECONDS and self._may_ask()
        if old and (self.refreshing is None or self.refreshing.done()):
            self.refreshing = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        """Keeps the keys it has when the server does not answer."""
        try:
            found = await asyncio.wait_for(asyncio.to_thread(_read, self.url), 2 * FETCH_SECONDS)
        except (OSError, ValueError, jwt.PyJWTError, TimeoutError) as error:
            logger.warning("ACS's public keys cannot be fetched from %s: %s", self.url, error or "no answer")
            self.failed, self.again_at = True, time.monotonic() + LEAST_AFTER_FAILURE
            return
        self.keys, self.failed = found, False
        self.fetched_at = time.monotonic()
        self.again_at = self.fetched_at + LEAST_SECONDS


def _read(url: str) -> dict[str, jwt.PyJWK]:
    """The RSA keys by id. Blocks; the URL is http or https (config/env.py)."""
    with urllib.request.urlopen(url, timeout=FETCH_SECONDS) as answer:  # noqa: S310
        found = jwt.PyJWKSet.from_json(answer.read(MOST_BYTES).decode())
    return {key.key_id: key for key in found.keys if key.key_id and key.key_type == "RSA"}


def fetch_keys() -> None:
    """Whether keys can be had from ACS_JWKS_URL now. Blocks. Raises OSError or ValueError where not."""
    try:
        if not _read(settings.ACS_JWKS_URL):
            raise ValueError(f"{settings.ACS_JWKS_URL} has none")
    except (OSError, jwt.PyJWTError) as error:
        raise ValueError(f"{settings.ACS_JWKS_URL}: {error}") from None


_rings: dict[str, KeyRing] = {}


def _ring(url: str) -> KeyRing:
    return _rings.setdefault(url, KeyRing(url))
