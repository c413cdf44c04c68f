"""A support bundle of one session: what happened and how things stand, to be handed to somebody outside. No audio, no
words that were said, no numbers and names of people, no secrets."""

import io
import json
import platform
import zipfile
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from calls.identifiers import display_of
from calls.masking import masked
from media.models import AudioChunk, StreamSession
from media.monitoring import heartbeat
from media.stream.pseudonyms import Pseudonyms

PACKAGES = (
    "Django",
    "channels",
    "daphne",
    "uvicorn",
    "websockets",
    "psycopg",
    "azure-communication-callautomation",
    "numpy",
)
SAID = {"TranscriptionData", "DtmfData"}  # kinds whose text is what people said or pressed


def bundle(session: StreamSession, findings: list[str]) -> bytes:
    """A zip of JSON files and doctor.txt; `findings` are the doctor's lines."""
    pseudonyms = Pseudonyms(_people(session))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as files:
        for name, content in _contents(session):
            text = json.dumps(pseudonyms.value(json.loads(json.dumps(content, cls=DjangoJSONEncoder))), indent=1)
            files.writestr(f"{name}.json", masked(text))
        files.writestr("doctor.txt", masked(pseudonyms.text("\n".join(findings))))
    return made.getvalue()


def _contents(session: StreamSession) -> Iterator[tuple[str, Any]]:
    yield "session", _row(session, "hold")
    yield "connections", [_row(row, "timeline") for row in session.connections.all()]
    yield "participants", [_row(row) for row in session.participants.all()]
    yield "gaps", [_row(row) for row in session.gaps.all()]
    pieces = AudioChunk.objects.filter(participant__session=session).order_by("position")
    yield "chunks", list(pieces.values("id", "participant_id", "position", "samples", "rate", "bytes", "sha256"))
    messages = [(m.kind, {} if m.kind in SAID else {"text": m.text}, m.at) for m in session.messages.all()]
    yield "messages", [{"kind": kind, "at": at, **text} for kind, text, at in messages]
    yield "counts", Counter(kind for kind, _, _ in messages)
    if session.call:
        yield "call", _row(session.call, "announce", "note")
        yield "call_events", [_row(event) for event in session.call.events.order_by("id")]
    yield "processes", heartbeat.figures_of_all()
    yield "installation", _installation()


def _installation() -> dict[str, Any]:
    """Versions, and which settings are set; never their values."""
    names = ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "ACS_CONNECTION_STRING", "ACS_ENDPOINT", "ACS_ACCESS_KEY")
    chosen = ("SERVER", "CHUNK_SECONDS", "MEDIA_SOCKET_AUTH", "MEDIA_MAX_STREAMS", "ARCHIVE_IN_PROCESS", "DEBUG")
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
        "set": [name for name in names if getattr(settings, name)],
        "settings": {name: getattr(settings, name) for name in chosen},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _row(row: Any, *without: str) -> dict[str, Any]:
    fields = [field for field in row._meta.concrete_fields if field.attname not in without]
    return {field.attname: getattr(row, field.attname) for field in fields}


def _people(session: StreamSession) -> Iterator[str]:
    for lane in session.participants.all():
        yield from (lane.raw_id or "", display_of(lane.raw_id or ""), lane.label)
    if session.call:
        yield from (session.call.from_id, session.call.display_name, *map(str, session.call.to))
        for person in session.call.participants.all():
            yield from (person.raw_id, display_of(person.raw_id), person.name)
        yield from session.call.events.order_by().values_list("username", flat=True).distinct()
        yield session.call.streaming_stopped_by
    yield from (session.label, session.external_id)
