"""Derived ids: where a piece of audio belongs follows from what its socket proved, so the ingest needs no database
and a socket that comes back, even to another process, joins the same session. Pure.

Three separate namespaces (one must not be able to name a session of another): the call id in our signed URL; the token
of a media URL; the header alone.
"""

import uuid
from collections.abc import Container

from calls import identifiers

_ROOT = uuid.UUID("5d1f3c52-8a54-4b8e-9a35-0d6b1f0f9c11")
CALL = uuid.uuid5(_ROOT, "call")
MEDIA_URL = uuid.uuid5(_ROOT, "media-url")
REUSABLE_URL = uuid.uuid5(_ROOT, "reusable-media-url")
HEADER = uuid.uuid5(_ROOT, "x-ms-call-connection-id")


def session_of_call(call_id: uuid.UUID) -> uuid.UUID:
    return uuid.uuid5(CALL, str(call_id))


def session_of_url(url_id: uuid.UUID) -> uuid.UUID:
    return uuid.uuid5(MEDIA_URL, str(url_id))


def session_of_reusable_url(url_id: uuid.UUID, call_connection_id: str, connection_id: uuid.UUID) -> uuid.UUID:
    """One constant URL in somebody's code must not melt all calls into one session. Without the header (the old
    generations) nothing tells two calls apart from a call that comes back, so each socket is a session of its own."""
    return uuid.uuid5(REUSABLE_URL, f"{url_id} {call_connection_id or connection_id}")


def session_of_header(call_connection_id: str, connection_id: uuid.UUID) -> uuid.UUID:
    return uuid.uuid5(HEADER, call_connection_id or str(connection_id))


def past_tombstones(session_id: uuid.UUID, tombstones: Container[uuid.UUID]) -> uuid.UUID:
    """Where audio goes whose session was deleted: to the next id that was not."""
    while session_id in tombstones:
        session_id = uuid.uuid5(session_id, "after deletion")
    return session_id


def participant_of(session_id: uuid.UUID, raw_id: str | None) -> uuid.UUID:
    return uuid.uuid5(session_id, "mixed" if raw_id is None else f"lane {raw_id}")


def chunk_of(
    connection_id: uuid.UUID, participant_id: uuid.UUID, first_row: int, last_row: int, number: int
) -> uuid.UUID:
    """The same batch has the same files, so a batch that is repeated after a crash changes nothing."""
    return uuid.uuid5(connection_id, f"{participant_id} {first_row} {last_row} {number}")


def label_of(raw_id: str | None) -> str:
    """What to call a lane of which nothing else is known: a phone's number (4:+1…, 4:+1…_suffix), else nothing."""
    return "" if raw_id is None else identifiers.number_of(raw_id)


def kind_of(raw_id: str | None) -> str:
    """The participant's kind by the prefix of its raw id (ACS.md 2.4): phone, acs, teams, bot, mixed or unknown."""
    return "mixed" if raw_id is None else identifiers.kind_of(raw_id)
