"""Who may stream audio to us: the proof in the URL, ACS's JWT, or both (MEDIA_SOCKET_AUTH). Looks nothing up in the
database. What a token proves decides where the audio goes; with a token the header is recorded, never trusted.
"""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from calls.acs_jwt import BadJwt, verify
from calls.masking import masked_headers
from media.ingest import tokens
from media.ingest.ingest import Ingest
from media.sessions import identity

DOOR = "/acs/media"
CALL_CONNECTION, CORRELATION = "x-ms-call-connection-id", "x-ms-call-correlation-id"
LONGEST_HEADER = 500


@dataclass(frozen=True, slots=True)
class Refused:
    """An HTTP status and the reason in plain words, without the secret."""

    status: int
    reason: str
    kind: str = "other"  # for counting: token, jwt, draining, disk, full, other
    call_id: uuid.UUID | None = None  # where the proof names one


@dataclass(frozen=True, slots=True)
class Admitted:
    """Where the audio of an accepted socket belongs, and what its `opened` row says."""

    session_id: uuid.UUID
    connection_id: uuid.UUID
    facts: dict[str, Any]


async def admit(scope: dict[str, Any], ingest: Ingest) -> Admitted | Refused:
    headers = headers_of(scope)
    mode = settings.MEDIA_SOCKET_AUTH
    proof: tokens.Proof | None = None
    token = token_of(scope)
    if token or mode in {"url", "url+jwt"}:
        try:
            proof = tokens.verify(token)
        except tokens.BadToken as error:
            reason = str(error) if token else "the URL holds no token; use one from POST /api/v1/media-urls"
            return Refused(403, reason, "token")
    if mode in {"jwt", "url+jwt"}:
        bearer = headers.get("authorization", "").partition(" ")[2]
        try:
            if not tokens.is_self_proof(bearer, proof):
                await verify(bearer)
        except BadJwt as error:
            return Refused(401, str(error), "jwt")
    admitted = _place(proof, headers, mode)
    if reason := ingest.refusal_of(admitted.session_id):
        kind = "draining" if ingest.draining else "disk" if ingest.disk_low else "full"
        return Refused(503, reason, kind, proof.call_id if proof else None)
    return admitted


def _place(proof: tokens.Proof | None, headers: dict[str, str], mode: str) -> Admitted:
    connection_id = uuid.uuid4()
    call_connection_id = headers.get(CALL_CONNECTION, "")
    if proof is None:
        session_id = identity.session_of_header(call_connection_id, connection_id)
    elif proof.call_id:
        session_id = identity.session_of_call(proof.call_id)
    elif proof.reusable:
        session_id = identity.session_of_reusable_url(_url(proof), call_connection_id, connection_id)
    else:
        session_id = identity.session_of_url(_url(proof))
    facts = {
        "call": str(proof.call_id) if proof and proof.call_id else None,
        "url": str(proof.url_id) if proof and proof.url_id else None,
        "call_connection_id": call_connection_id,
        "correlation_id": headers.get(CORRELATION, ""),
        "auth": mode,
        "headers": masked_headers(headers),
    }
    return Admitted(session_id, connection_id, facts)


def _url(proof: tokens.Proof) -> uuid.UUID:
    if proof.url_id is None:
        raise ValueError("a proof names a call or a media URL")
    return proof.url_id


def token_of(scope: dict[str, Any]) -> str:
    """The token in the path, or in the query as access_token or accesstoken; "" without one."""
    in_path = str(scope.get("path", "")).removeprefix(scope.get("root_path", "")).removeprefix(DOOR).strip("/")
    if in_path:
        return in_path
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return next((query[name][0] for name in ("access_token", "accesstoken") if name in query), "")


def headers_of(scope: dict[str, Any]) -> dict[str, str]:
    """Headers by lower-case name, of bounded length."""
    return {
        name.decode("latin-1").lower(): value.decode("latin-1")[:LONGEST_HEADER]
        if name.lower() != b"authorization"
        else value.decode("latin-1")
        for name, value in scope.get("headers", [])[:60]
    }
