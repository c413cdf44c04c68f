"""ACS's JWT, with real keys and a real key server."""

import asyncio
import base64
import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from pytest_django import Settings

from calls import acs_jwt
from calls.acs_jwt import BadJwt, verify
from tests.serving import free_port

RESOURCE = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
ISSUER = "https://acscallautomation.communication.azure.com"


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def another_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


class KeyServer:
    """Publishes keys by id at `url`, and counts how often it was asked."""

    def __init__(self) -> None:
        self.keys: dict[str, RSAPrivateKey] = {}
        self.asked = 0
        self.broken = False
        self.hangs = threading.Event()
        self.hangs.set()
        outer = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                outer.hangs.wait(20)
                self.send_response(500 if outer.broken else 200)
                self.end_headers()
                self.wfile.write(outer.document())

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/calling/keys"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def document(self) -> bytes:
        published = [
            {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": name, "use": "sig", "alg": "RS256"}
            for name, key in self.keys.items()
        ]
        return json.dumps({"keys": published}).encode()


@pytest.fixture
def key_server(settings: Settings, key: RSAPrivateKey) -> Iterator[KeyServer]:
    made = KeyServer()
    made.keys["first"] = key
    settings.ACS_JWKS_URL, settings.ACS_ISSUER = made.url, ISSUER
    settings.ACS_RESOURCE_ID = ["00000000-0000-0000-0000-000000000000", RESOURCE]
    yield made
    made.server.shutdown()
    made.server.server_close()


def token(key: Any, *, kid: str | None = "first", algorithm: str = "RS256", **claims: object) -> str:
    usual = {"iss": ISSUER, "aud": RESOURCE, "exp": int(time.time()) + 300, "nbf": int(time.time()), **claims}
    given = {name: value for name, value in usual.items() if value is not None}
    return jwt.encode(given, key, algorithm, headers={"kid": kid} if kid else {})


async def test_it_takes_what_acs_signed_for_this_resource(key_server: KeyServer, key: RSAPrivateKey) -> None:
    claims = await verify(token(key))
    assert (claims["iss"], claims["aud"]) == (ISSUER, RESOURCE)
    assert key_server.asked == 1
    await verify(token(key))
    assert key_server.asked == 1


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://elsewhere.example"}, "the token is not from ACS_ISSUER"),
        ({"aud": "somebody-else"}, "the token is for another resource"),
        ({"exp": 1_700_000_000}, "the token has expired"),
        ({"nbf": 9_999_999_999}, "the token is not valid yet"),
        ({"exp": None}, "the token lacks an expiry"),
        ({"aud": None}, "the token"),
    ],
)
async def test_it_says_what_is_wrong_with_the_claims(
    key_server: KeyServer, key: RSAPrivateKey, claims: dict[str, Any], reason: str
) -> None:
    bad = token(key, **claims)
    with pytest.raises(BadJwt, match=reason) as refused:
        await verify(bad)
    assert not any(part in str(refused.value) for part in bad.split("."))


async def test_it_allows_clocks_that_differ_by_five_minutes(key_server: KeyServer, key: RSAPrivateKey) -> None:
    now = int(time.time())
    await verify(token(key, exp=now - 290, nbf=now - 600))
    await verify(token(key, nbf=now + 290))
    with pytest.raises(BadJwt):
        await verify(token(key, exp=now - 310))


async def test_it_refuses_a_signature_of_another_key(key_server: KeyServer, another_key: RSAPrivateKey) -> None:
    with pytest.raises(BadJwt, match="signature is wrong"):
        await verify(token(another_key))


async def test_it_refuses_tokens_without_a_signature(key_server: KeyServer) -> None:
    with pytest.raises(BadJwt, match="not signed with RS256"):
        await verify(token(None, algorithm="none"))


async def test_it_refuses_the_public_key_as_a_shared_secret(key_server: KeyServer, key: RSAPrivateKey) -> None:
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head, body, _ = token(b"x" * 32, algorithm="HS256").split(".")
    from hashlib import sha256
    from hmac import digest

    seal = base64.urlsafe_b64encode(digest(public, f"{head}.{body}".encode(), sha256)).rstrip(b"=").decode()
    with pytest.raises(BadJwt, match="not signed with RS256"):
        await verify(f"{head}.{body}.{seal}")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "eyJhbGciOiJSUzI1NiJ9..", "🙂.🙂.🙂", "." * 5])
async def test_it_refuses_what_is_no_token(key_server: KeyServer, text: str) -> None:
    with pytest.raises(BadJwt):
        await verify(text)
    assert key_server.asked == 0


async def test_it_refuses_a_token_that_names_no_key(key_server: KeyServer, key: RSAPrivateKey) -> None:
    with pytest.raises(BadJwt, match="does not name its key"):
        await verify(token(key, kid=None))


async def test_it_fetches_a_key_that_came_later(
    key_server: KeyServer, key: RSAPrivateKey, another_key: RSAPrivateKey
) -> None:
    await verify(token(key))
    key_server.keys = {"second": another_key}
    ring = acs_jwt._ring(key_server.url)
    ring.again_at = time.monotonic()  # as after LEAST_SECONDS
    await verify(token(another_key, kid="second"))
    assert key_server.asked == 2
    with pytest.raises(BadJwt, match="ACS has no such key"):
        await verify(token(key))


async def test_forged_tokens_do_not_make_it_ask_again_and_again(
    key_server: KeyServer, another_key: RSAPrivateKey
) -> None:
    for number in range(20):
        with pytest.raises(BadJwt, match="ACS has no such key"):
            await verify(token(another_key, kid=f"made up {number}"))
    assert key_server.asked == 1


async def test_it_says_that_the_key_server_cannot_be_asked(settings: Settings, key: RSAPrivateKey) -> None:
    settings.ACS_JWKS_URL = f"http://127.0.0.1:{free_port()}/keys"
    settings.ACS_RESOURCE_ID = [RESOURCE]
    with pytest.raises(BadJwt, match=r"public keys cannot be fetched \(ACS_JWKS_URL\)"):
        await verify(token(key))


async def test_it_keeps_its_keys_while_the_key_server_is_broken(key_server: KeyServer, key: RSAPrivateKey) -> None:
    await verify(token(key))
    key_server.broken = True
    await refreshed(key_server, key)
    assert key_server.asked == 2
    await verify(token(key))


async def test_it_lets_go_of_keys_that_the_key_server_has_no_more(
    key_server: KeyServer, key: RSAPrivateKey, another_key: RSAPrivateKey
) -> None:
    await verify(token(key))
    key_server.keys = {"second": another_key}
    await refreshed(key_server, key)
    with pytest.raises(BadJwt, match="ACS has no such key"):
        await verify(token(key))


async def test_nobody_waits_for_a_key_server_that_hangs_over_a_key_that_is_known(
    key_server: KeyServer, key: RSAPrivateKey
) -> None:
    await verify(token(key))
    key_server.hangs.clear()
    make_old(key_server)
    for _ in range(3):
        await asyncio.wait_for(verify(token(key)), acs_jwt.FETCH_SECONDS / 2)
    key_server.hangs.set()
    await refreshed(key_server, key)
    assert key_server.asked == 2


def make_old(key_server: KeyServer) -> None:
    ring = acs_jwt._ring(key_server.url)
    ring.fetched_at = ring.again_at = time.monotonic() - acs_jwt.KEEP_SECONDS - 1


async def refreshed(key_server: KeyServer, key: RSAPrivateKey) -> None:
    """After the keys have become old, and a token was checked by one of them."""
    ring = acs_jwt._ring(key_server.url)
    if ring.refreshing is None:
        make_old(key_server)
        await verify(token(key))
    assert ring.refreshing
    await ring.refreshing
