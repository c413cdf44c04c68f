"""Runs self-proofs (beacon.py), one at a time, and writes down each: who asked for it, how far it is, what was
found. Knows nothing of requests; who calls it has asked whether the user may."""

import logging
import threading
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from calls import signed_urls
from media.errors import ProofRuns
from media.ingest import tokens
from media.models import MediaUrl, SelfProof, StreamSession
from media.selfproof import beacon
from media.selfproof.beacon import Check, Step
from media.sessions.deletion import forget
from media.sessions.media_urls import make_media_url

log = logging.getLogger(__name__)

LABEL = "Self-proof"
LOCK = 0x4143_5303
BROKEN_OFF = timedelta(seconds=30)  # a proof that said nothing for so long has ended with its process
ENDED = Check("The proof itself", False, "It broke off: the process that ran it has ended.")


def begin(username: str = "") -> SelfProof:
    """Raises ProofRuns while another one does: two would only measure each other."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for proof in SelfProof.objects.filter(finished_at=None):
            if is_running(proof):
                raise ProofRuns
            _finish(proof, [ENDED])
        proof = SelfProof.objects.create(started_by=username, step="Beginning")
    log.info("A self-proof begins, asked for by %s.", username or "the command line")
    return proof


def is_running(proof: SelfProof) -> bool:
    return proof.finished_at is None and timezone.now() - proof.seen_at < BROKEN_OFF


def run(proof: SelfProof, say: Step = lambda words, percent: None) -> SelfProof:
    """Blocks for about ten seconds. `say` hears each step. The session is kept where something is wrong, and goes
    where all is well."""
    made = make_media_url(signed_urls.base(), label=LABEL, expires_in_seconds=300)
    session_id = made.session_id
    if session_id is None:
        raise ValueError("a URL of its own has a session")
    proof.session_id = session_id

    def step(words: str, percent: int) -> None:
        proof.step, proof.percent, proof.seen_at = words, min(percent, 99), timezone.now()
        proof.save()
        say(words, percent)

    found: list[Check] = []
    bearer = tokens.sign_self_proof(made.url.rpartition("/")[2]) if "jwt" in settings.MEDIA_SOCKET_AUTH else ""
    for check in beacon.checks(made.url, session_id, bearer, step):
        found.append(check)
        proof.checks = [asdict(check) for check in found]
        proof.save()
    if all(check.good for check in found):
        found.append(_taken_away(session_id))
    return _finish(proof, found)


def in_background(proof: SelfProof) -> None:
    """Runs it in a thread of its own, which ends with the process."""
    threading.Thread(target=_run_alone, args=(proof,), name="self-proof", daemon=True).start()


def _run_alone(proof: SelfProof) -> None:
    try:
        run(proof)
    except DatabaseError as error:
        log.warning("The self-proof broke off, the database failed: %s", str(error).strip())
    except Exception:
        log.exception("A fault in the self-proof.")
    finally:
        connection.close()


def _taken_away(session_id: UUID) -> Check:
    session = StreamSession.objects.select_related("media_url").get(pk=session_id)
    url = session.media_url
    forget(session)
    if url:
        MediaUrl.objects.filter(pk=url.pk).delete()
    return Check("Cleared away", True, "The proof's own recording is deleted again.")


def _finish(proof: SelfProof, found: list[Check]) -> SelfProof:
    """Those checks that are written down already are not written twice."""
    written = [Check(**check) for check in proof.checks]
    proof.checks = [asdict(check) for check in [*written, *(check for check in found if check not in written)]]
    proof.good = all(check["good"] for check in proof.checks)
    proof.finished_at, proof.step, proof.percent = timezone.now(), "", 100
    proof.save()
    log.info("The self-proof is over: %s.", "all as it must be" if proof.good else "something is wrong")
    return proof
