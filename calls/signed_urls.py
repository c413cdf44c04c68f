"""Signed addresses that ACS is given: the callbacks of a call, its media socket, the sounds it fetches. The token is
the proof; nothing is looked up to check it."""

import json
import time
import uuid
from pathlib import Path

from django.conf import settings
from django.core import signing

MEDIA, CALLBACKS, PROMPTS = "acs-media-socket", "acs-callbacks", "acs-prompts"
ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  (what is listened on, not where to ask)


class BadToken(ValueError):
    """Not a token of ours, altered, or expired."""


def base() -> str:
    """What ACS is told: PUBLIC_URL; without one the server on this machine (for the emulator)."""
    return settings.PUBLIC_URL or server_base()


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


def media_url(call_id: uuid.UUID) -> str:
    """The socket that ACS dials for this call: wss where `base` is https."""
    return f"ws{base().removeprefix('http')}/acs/media/{sign(MEDIA, call_id)}"


def callback_url(call_id: uuid.UUID) -> str:
    return f"{base()}/acs/callbacks/{sign(CALLBACKS, call_id)}"


def prompt_url(prompt_id: uuid.UUID) -> str:
    return f"{base()}/acs/prompts/{sign(PROMPTS, prompt_id)}.wav"


def default_seconds() -> int:
    """How long such an address lives: as long as a call may last, and an hour."""
    return (int(settings.MEDIA_MAX_HOURS) + 1) * 3600


def sign(door: str, what: uuid.UUID) -> str:
    """A token for one door and one thing; it may be used again until it expires."""
    return signing.dumps({"c": what.hex, "e": int(time.time()) + default_seconds()}, salt=door)


def verify(door: str, token: str) -> uuid.UUID:
    """What a token of `sign` is for. Raises BadToken with a reason that holds no part of it."""
    try:
        claims = signing.loads(token, salt=door)
        what, expires = uuid.UUID(claims["c"]), float(claims["e"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise BadToken("the token is not one of ours") from None
    if time.time() > expires:
        raise BadToken("the token has expired")
    return what
