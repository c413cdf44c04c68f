"""Notes, markers and tags: who may write and take back what. Knows nothing of requests."""

import re

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404

from calls.texts import some_lines
from media.access import Right, demand
from media.models import Note, StreamSession, Tag
from media.models.notes import LONGEST_NOTE, LONGEST_TAG

MOST_OF_A_SESSION = 500


class BadNote(ValueError):
    """What was written cannot be kept; the message says why, `field` where in a request."""

    def __init__(self, words: str, field: str = "text") -> None:
        super().__init__(words)
        self.field = field


def write_note(user: User, session: StreamSession, text: str, at_ms: int | None = None) -> Note:
    """Raises PermissionDenied, BadNote."""
    demand(user, Right.ANNOTATE)
    text = _plain(text, "text").strip()
    if not text:
        raise BadNote("A note says something.")
    if len(text) > LONGEST_NOTE:
        raise BadNote(f"A note has at most {LONGEST_NOTE} characters; this one has {len(text)}.")
    if at_ms is not None and not 0 <= at_ms <= session.duration_ms:
        raise BadNote("This moment lies outside the session.", "at_ms")
    if session.notes.count() >= MOST_OF_A_SESSION:
        raise BadNote(f"A session has at most {MOST_OF_A_SESSION} notes.")
    return Note.objects.create(session=session, at_ms=at_ms, text=text, username=user.get_username())


def take_back(user: User, session: StreamSession, note_id: int) -> None:
    """One's own note; who may delete recordings may take back any. Raises PermissionDenied, Http404."""
    demand(user, Right.ANNOTATE)
    note = session.notes.filter(pk=note_id).first()
    if note is None:
        raise Http404(f"There is no note {note_id}.")
    if note.username != user.get_username() and not user.has_perm(Right.DELETE):
        raise PermissionDenied(f"This note is {note.username}'s; only its author can take it back.")
    note.delete()


def tag(user: User, session: StreamSession, name: str) -> Tag:
    """Tags are written in small letters, with single spaces. Raises PermissionDenied, BadNote."""
    demand(user, Right.ANNOTATE)
    name = tidy(_plain(name, "name"))
    if not name or len(name) > LONGEST_TAG:
        raise BadNote(f"A tag has 1 to {LONGEST_TAG} characters.", "name")
    if session.tags.count() >= MOST_OF_A_SESSION:
        raise BadNote(f"A session has at most {MOST_OF_A_SESSION} tags.", "name")
    row, _ = Tag.objects.get_or_create(session=session, name=name, defaults={"username": user.get_username()})
    return row


def untag(user: User, session: StreamSession, name: str) -> None:
    """Whoever may write notes: a tag is everybody's. Raises PermissionDenied."""
    demand(user, Right.ANNOTATE)
    session.tags.filter(name=tidy(name)).delete()


def _plain(text: str, field: str) -> str:
    try:
        return some_lines(text)
    except ValueError as error:
        raise BadNote(str(error), field) from None


def tidy(name: str) -> str:
    """As tags are kept, and looked for."""
    return re.sub(r"\s+", " ", name.replace("\0", "")).strip().lower()


def moment_ms(text: str) -> int | None:
    """ "1:02:03.5", "13.0" or nothing → milliseconds. Raises BadNote."""
    text = text.strip()
    if not text:
        return None
    if not re.fullmatch(r"(\d{1,3}:){0,2}\d{1,6}(\.\d{1,3})?", text):
        raise BadNote(f"{text!r} is no moment; it should look like 0:13.5.", "at_ms")
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part)
    return round(seconds * 1000)
