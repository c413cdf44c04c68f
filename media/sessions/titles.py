"""What sessions are called where people read it. One of a call that nobody gave a note is called as its call is on the
board, by the address book of today: the label was made of raw ids when the call began."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.utils.text import Truncator

from calls.models import Call
from calls.pages.names import Names, heading, names_in
from media.models import StreamSession


def label_of(call: Call) -> str:
    """What a new session is labelled with: the note's first words, else who is called or calls."""
    text = call.note or str(call)
    return Truncator(f"{text[:1].upper()}{text[1:]}").chars(200)


def name_of(session: StreamSession) -> str:
    """Its label, else the beginning of its id; asks nothing."""
    return session.label or session.external_id or str(session.pk)[:8]


def titles(sessions: Sequence[StreamSession]) -> dict[UUID, str]:
    """By id; two queries at most, none where no session is of a call."""
    prefetch_related_objects(sessions, "call")
    names = names_in([session.call for session in sessions if session.call and _speaks_for(session, session.call)])
    return {session.pk: _title(session, names) for session in sessions}


def title_of(session: StreamSession) -> str:
    """Of one; a list asks for all of its titles at once."""
    return titles([session])[session.pk]


def _speaks_for(session: StreamSession, call: Call) -> bool:
    """Whether the call's own heading says more than the label: that was only made of its ids."""
    return not call.note and session.label == label_of(call)


def _title(session: StreamSession, names: Names) -> str:
    if session.call and _speaks_for(session, session.call):
        return heading(session.call, names)
    return name_of(session)
