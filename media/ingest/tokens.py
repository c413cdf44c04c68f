"""Signed socket URLs: who may stream audio to us, for which call or media URL, until when. The token is the whole
proof; nothing is looked up, so a socket is taken even while the database is away."""

import time
import uuid
from dataclasses import dataclass

from django.core import signing

from calls.signed_urls import MEDIA, BadToken, default_seconds
from calls.signed_urls import sign as sign_link

__all__ = [
    "BadToken",
    "Proof",
    "default_seconds",
    "is_self_proof",
    "sign_call",
    "sign_self_proof",
    "sign_url",
    "socket_url",
    "verify",
]

SELF_PROOF = "media.self-proof"
SELF_PROOF_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Proof:
    """What a token proves: exactly one of a call or a media URL."""

    call_id: uuid.UUID | None = None
    url_id: uuid.UUID | None = None
    reusable: bool = False


def sign_call(call_id: uuid.UUID) -> str:
    """A token for the media of one call; lives MEDIA_MAX_HOURS + 1 h and may be used again (a re-dial)."""
    return sign_link(MEDIA, call_id)


def sign_url(url_id: uuid.UUID, seconds: int, reusable: bool = False) -> str:
    return signing.dumps({"u": url_id.hex, "r": int(reusable), "e": int(time.time()) + seconds}, salt=MEDIA)


def verify(token: str) -> Proof:
    """The proof in a token. Raises BadToken with a reason that holds no part of the token."""
    try:
        claims = signing.loads(token, salt=MEDIA)
        expires, call, url = claims["e"], claims.get("c"), claims.get("u")
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise BadToken("the token is not one of ours") from None
    if time.time() > expires:
        raise BadToken("the token has expired")
    if call:
        return Proof(call_id=uuid.UUID(call))
    return Proof(url_id=uuid.UUID(url), reusable=bool(claims.get("r")))


def socket_url(token: str, base: str) -> str:
    """The URL that ACS dials: `base` (http or https) as ws or wss."""
    return f"ws{base.removeprefix('http')}/acs/media/{token}"


def sign_self_proof(token: str) -> str:
    """What our own self-proof brings with the media URL of that token where the door wants a JWT of ACS, which we
    cannot sign."""
    return signing.dumps(str(verify(token).url_id), salt=SELF_PROOF)


def is_self_proof(bearer: str, proof: Proof | None) -> bool:
    """Whether the bearer token is that of the media URL, and new."""
    try:
        url_id = signing.loads(bearer, salt=SELF_PROOF, max_age=SELF_PROOF_SECONDS)
    except (signing.BadSignature, ValueError):
        return False
    return bool(proof and proof.url_id and url_id == str(proof.url_id))
