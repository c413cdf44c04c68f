"""/healthz/live and /healthz/ready, answered before Django: a probe may name any host, and needs no thread."""

import json

from config.answers import JSON, Scope, Send, respond
from config.readiness import readiness
from media import running

PATHS = ("/healthz/live", "/healthz/ready")


async def health(scope: Scope, send: Send) -> None:
    """live: the process answers. ready: 200 when the database is there and migrated and the spool writable, else
    503; also 503 when the process is about to stop and takes no new streams."""
    if scope["path"] == "/healthz/live":
        await respond(send, 200, '{"live": true}', JSON)
        return
    here = running.current()
    draining = here is not None and here.ingest.draining
    ready = readiness.ready() and not draining
    parts = {"ready": ready, **readiness.parts(), "archiving": archiving(), "draining": draining}
    await respond(send, 200 if ready else 503, json.dumps(parts), JSON)


def archiving() -> str:
    """ok, that it waits, or elsewhere; recording does not need it, so it does not decide whether we are ready. Anybody
    may ask, so why it waits (hosts, users, paths) stands in the log alone."""
    here = running.current()
    if here is None or here.archiver is None:
        return "elsewhere"
    return "it waits; the log says why" if here.archiver.loop.fault else "ok"
