"""Where this installation's server is, as it says in VAR_DIR/server.json; which session an address belongs to."""

import json
import uuid
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from media import identity, tokens

ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  (what is listened on, not where to ask)


def server_base() -> str:
    """http://host:port of the server that runs on this VAR_DIR; if none does, where `serve` would start it."""
    host, port = str(settings.HOST), int(settings.PORT)
    try:
        said = json.loads((Path(settings.VAR_DIR) / "server.json").read_text(encoding="utf-8"))
        host, port = str(said["host"]), int(said["port"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none runs, or it is being started just now
    host = ANY_HOST.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


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
