"""The REST API's doors to notes, markers and tags: each reads, calls one function, answers."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import ValidationError
from pydantic import ConfigDict, Field, StrictInt

from calls.auth import caller_of
from calls.rest.shapes import Faults, Problem
from media import access
from media.models import Note, StreamSession
from media.models.notes import LONGEST_NOTE
from media.sessions import notes

router = Router(tags=["notes"])
PROBLEMS = {401: Problem, 403: Problem, 404: Problem, 422: Faults, 429: Problem, 503: Problem}


class NoteShape(Schema):
    """`at_ms` null: on the whole session."""

    id: int
    at_ms: int | None
    text: str
    username: str
    created_at: datetime


class NotesShape(Schema):
    notes: list[NoteShape]
    tags: list[str]


class NoteRequest(Schema):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE, examples=["Promised a call back."])]
    at_ms: Annotated[StrictInt, Field(ge=0, le=2**53)] | None = None


@router.get("/sessions/{session_id}/notes", response={200: NotesShape, **PROBLEMS})
def list_notes(request: HttpRequest, session_id: UUID) -> Any:
    """What people wrote about the session, and its tags."""
    return _notes(access.find_session(caller_of(request).user, session_id))


@router.post("/sessions/{session_id}/notes", response={201: NoteShape, **PROBLEMS})
def create_note(request: HttpRequest, session_id: UUID, payload: NoteRequest) -> Status[Any]:
    """A note on the session, or a marker at a moment of it."""
    user = caller_of(request).user
    session = access.find_session(user, session_id)
    try:
        return Status(201, notes.write_note(user, session, payload.text, payload.at_ms))
    except notes.BadNote as error:
        raise ValidationError([{"loc": ["body", "payload", error.field], "msg": str(error)}]) from error


@router.delete("/sessions/{session_id}/notes/{note_id}", response={204: None, **PROBLEMS})
def delete_note(request: HttpRequest, session_id: UUID, note_id: int) -> Status[None]:
    user = caller_of(request).user
    notes.take_back(user, access.find_session(user, session_id), note_id)
    return Status(204, None)


@router.put("/sessions/{session_id}/tags/{name}", response={200: NotesShape, **PROBLEMS})
def put_tag(request: HttpRequest, session_id: UUID, name: str) -> Any:
    """Tags the session; twice is once."""
    user = caller_of(request).user
    session = access.find_session(user, session_id)
    try:
        notes.tag(user, session, name)
    except notes.BadNote as error:
        raise ValidationError([{"loc": ["path", "name"], "msg": str(error)}]) from error
    return _notes(session)


@router.delete("/sessions/{session_id}/tags/{name}", response={200: NotesShape, **PROBLEMS})
def delete_tag(request: HttpRequest, session_id: UUID, name: str) -> Any:
    user = caller_of(request).user
    session = access.find_session(user, session_id)
    notes.untag(user, session, name)
    return _notes(session)


def _notes(session: StreamSession) -> dict[str, Any]:
    found: list[Note] = list(session.notes.all())
    return {"notes": found, "tags": [row.name for row in session.tags.all()]}
