"""Requests without an SDK, signed like one or not at all."""

import base64
import hashlib
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from email.utils import formatdate
from typing import Any

from acs_emulator.keys import DEVELOPMENT_KEY
from acs_emulator.rest import auth


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(url: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    """`body`: JSON, or bytes as they are."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, content or None, headers or {}, method=method)
    if content and "Content-type" not in request.headers:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.headers, refused.read())


def signed(url: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """With the proof of the development key."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    date, host = formatdate(usegmt=True), url.partition("//")[2]
    proof = auth.signature(f"{method}\n{path}\n{date};{host};{digest}", DEVELOPMENT_KEY)
    own = {
        "Authorization": f"HMAC-SHA256 SignedHeaders={auth.SIGNED_HEADERS}&Signature={proof}",
        "x-ms-date": date,
        "x-ms-content-sha256": digest,
    }
    return ask(url, method, path, content or None, own | headers)
