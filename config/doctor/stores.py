"""Where things are kept: the database, Redis, the recordings, the spool."""

import os
import shutil
import time
import uuid

from django.conf import settings
from django.db import Error, connection

from config.doctor.finding import Finding, off, ok, wrong
from config.serving.migrations import outstanding
from media.storage import recordings

OLDEST_POSTGRESQL = 14
GIB = 1 << 30


def database() -> Finding:
    where = "the embedded PostgreSQL" if settings.EMBEDDED_DATABASE else "DATABASE_URL"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = str(cursor.fetchone()[0])
        waiting = outstanding(connection)
    except Error as error:
        return wrong(f"{where} cannot be used: {_sentence(error)}", "Start it, and compare address, user and password.")
    if int(version.partition(".")[0]) < OLDEST_POSTGRESQL:
        return wrong(f"{where} is PostgreSQL {version}", f"Use PostgreSQL {OLDEST_POSTGRESQL} or newer.")
    if waiting:
        return wrong(f"{where} is not migrated", "Run: python manage.py migrate (a server that starts does it too).")
    return ok(f"{where}, PostgreSQL {version}, migrated")


def redis() -> Finding:
    if not settings.REDIS_URL:
        return off("REDIS_URL is unset: fine for one server process")
    from redis import Redis, RedisError

    try:
        client = Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)
        began = time.monotonic()
        client.ping()
        answered = time.monotonic() - began
        client.close()
    except (RedisError, OSError) as error:
        return wrong(f"Redis does not answer: {_sentence(error)}", "Start it, or correct REDIS_URL.")
    return ok(f"Redis answers in {answered * 1000:.0f} ms")


def storage() -> Finding:
    """Writes, reads and deletes a small file."""
    name, content = f"doctor/{uuid.uuid4().hex}", os.urandom(64)
    try:
        place = recordings()
        place.put(name, content)
        same = place.read(name) == content
        place.delete(name)
    except OSError as error:
        fix = "Look at the folder's rights and disk, or at the account and its key (RECORDINGS_URL)."
        return wrong(f"recordings cannot be written, read and deleted: {_sentence(error)}", fix)
    if not same:
        return wrong("what was read from the recordings is not what was written", "Do not use this storage.")
    return ok("recordings can be written, read and deleted")


def spool() -> Finding:
    folder = settings.SPOOL_DIR
    probe = folder / f".doctor.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free >= 2 * settings.SPOOL_FREE_MIB << 20:  # else it is named as what it is, and fails at writing, too
            probe.write_bytes(b"1")
            probe.unlink()
    except OSError as error:
        return wrong(
            f"SPOOL_DIR={folder} cannot be written: {_sentence(error)}", "Give this account the right to write."
        )
    if free < 2 * settings.SPOOL_FREE_MIB << 20:
        return wrong(f"only {free >> 20} MiB are left in SPOOL_DIR={folder}", "Make room: new calls are refused soon.")
    return ok(f"SPOOL_DIR={folder} can be written, {free / GIB:.1f} GiB are free")


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
