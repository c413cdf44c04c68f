"""Brings the database up to date. Several processes may try at once: one migrates, the others wait for it."""

import logging
import time

from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)

LOCK = 0x4143_534D  # a PostgreSQL advisory lock, held by whoever migrates
POLL_SECONDS = 0.5


def bring_up_to_date() -> None:
    """Returns when nothing is left to migrate. Raises whatever the database or a migration raises."""
    connection = connections["default"]
    if not outstanding(connection):
        return
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # building an index on a large table may take its time
        while not _locked(cursor):
            time.sleep(POLL_SECONDS)
    try:
        if outstanding(connection):
            logger.info("Migrating the database.")
            call_command("migrate", interactive=False, verbosity=0)
    finally:
        connection.close()  # lets go of the lock and of the setting


def outstanding(connection: BaseDatabaseWrapper) -> bool:
    """Whether a migration of ours is not applied yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _locked(cursor: object) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])  # type: ignore[attr-defined]
    return bool(cursor.fetchone()[0])  # type: ignore[attr-defined]
