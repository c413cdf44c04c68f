"""What an application says back on its socket, in every casing of ACS.md 3. Dispatches on the kind, never on which keys
exist (the JavaScript SDK's audio carries a `stopAudio`, too). Pure: text in, values out."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Audio:
    pcm: bytes
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class StopAudio:
    pass


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of its own (preview): played when all before it is."""

    mark: str


@dataclass(frozen=True, slots=True)
class Unread:
    """Not understood, and why."""

    why: str


Reply = Audio | StopAudio | Mark | Unread


def read(message: str | bytes) -> Reply:
    try:
        content = json.loads(message)
    except (ValueError, RecursionError):
        return Unread("this is no JSON")
    fields = _lower(content)
    kind = str(fields.get("kind", "")).lower()
    if kind == "audiodata":
        return _audio(_lower(fields.get("audiodata")))
    if kind == "stopaudio":
        return StopAudio()
    if kind == "markdata" and (mark := _lower(fields.get("markdata")).get("id")):
        return Mark(str(mark))
    return Unread(f"the kind {fields.get('kind')!r} is not known")


def _audio(fields: dict[str, Any]) -> Reply:
    try:
        pcm = base64.b64decode(fields.get("data") or "", validate=True)
    except (TypeError, ValueError, binascii.Error):
        return Unread("audioData.data is no base64")
    if len(pcm) % 2:
        return Unread(f"audioData.data has {len(pcm)} bytes: PCM of 16 bits has an even number")
    mark = _lower(fields.get("mark")).get("id")
    return Audio(pcm, None if mark is None else str(mark))


def _lower(content: Any) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in content.items()} if isinstance(content, dict) else {}
