"""Which session an address of ours belongs to."""

import uuid
from urllib.parse import parse_qs, unquote, urlsplit

from media.ingest import tokens
from media.sessions import identity


def session_at(url: str, call_connection_id: str) -> uuid.UUID | None:
    """The session that a stream to `url` belongs to; None where the address holds no token of this installation."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    token = next((query[name][0] for name in ("access_token", "accesstoken") if name in query), "")
    token = token or unquote(parts.path.rpartition("/acs/media/")[2])
    try:
        proof = tokens.verify(token)
    except tokens.BadToken:
        return None
    if proof.call_id:
        return identity.session_of_call(proof.call_id)
    if proof.url_id and not proof.reusable:
        return identity.session_of_url(proof.url_id)
    return proof.url_id and identity.session_of_reusable_url(proof.url_id, call_connection_id, uuid.uuid4())
