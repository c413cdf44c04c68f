"""Socket URLs for calls that others control: made, with the session that waits for each; and which session belongs to
one. Knows nothing of requests and commands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from media.ingest.tokens import BadToken, sign_url, socket_url, verify
from media.models import MediaUrl, StreamSession
from media.sessions.evidence import NO_SOCKET
from media.sessions.identity import session_of_call, session_of_reusable_url, session_of_url

DAY = 86_400


@dataclass(frozen=True, slots=True)
class MadeUrl:
    """A signed socket URL; `session_id` is None when it is reusable, then each call gets a session of its own."""

    url: str
    session_id: UUID | None
    expires_at: datetime


def make_media_url(
    base: str,
    *,
    label: str = "",
    external_id: str = "",
    reusable: bool = False,
    expires_in_seconds: int = DAY,
    user: User | None = None,
) -> MadeUrl:
    """A socket URL on `base` (http or https), for a call that others control, and the session that waits for it."""
    now = timezone.now()
    expires_at = now + timedelta(seconds=expires_in_seconds)
    with transaction.atomic():
        row = MediaUrl.objects.create(
            label=label,
            external_id=external_id,
            reusable=reusable,
            created_at=now,
            expires_at=expires_at,
            created_by=user,
        )
        session_id = None if reusable else _await(row)
    return MadeUrl(socket_url(sign_url(row.pk, expires_in_seconds, reusable), base), session_id, expires_at)


def session_at(url: str, call_connection_id: str) -> UUID | None:
    """The session that a stream to `url` belongs to; None where the address holds no token of this installation."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    token = next((query[name][0] for name in ("access_token", "accesstoken") if name in query), "")
    token = token or unquote(parts.path.rpartition("/acs/media/")[2])
    try:
        proof = verify(token)
    except BadToken:
        return None
    if proof.call_id:
        return session_of_call(proof.call_id)
    if proof.url_id and not proof.reusable:
        return session_of_url(proof.url_id)
    return proof.url_id and session_of_reusable_url(proof.url_id, call_connection_id, uuid4())


def _await(row: MediaUrl) -> UUID:
    session = StreamSession.objects.create(
        id=session_of_url(row.pk),
        media_url=row,
        label=row.label,
        external_id=row.external_id,
        reason=NO_SOCKET,
        started_at=row.created_at,
    )
    return session.pk
