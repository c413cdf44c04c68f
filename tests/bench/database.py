"""How far the archiver of a running installation is. Reads only, and is no user of the embedded server: it does not
keep it alive."""

import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from config.embedded_postgres.cluster import DATABASE, Cluster

UNFINISHED = """SELECT (SELECT count(*) FROM media_connection WHERE NOT archived)
                     + (SELECT count(*) FROM media_streamsession WHERE live)"""
POLL_SECONDS = 0.25


class NotArchived(AssertionError):
    """The archiver did not finish in time."""


class Database:
    """One connection to the PostgreSQL of `var_dir`."""

    def __init__(self, var_dir: Path) -> None:
        cluster = Cluster(var_dir / "postgres")
        parameters = cluster.parameters()
        self.postmaster = cluster.status().pid or 0
        self.connection = psycopg.connect(
            host=str(parameters["host"]),
            port=int(parameters["port"]),
            user=str(parameters["user"]),
            password=str(parameters["password"]),
            dbname=DATABASE,
            autocommit=True,
        )

    def frames(self) -> int:
        """Audio frames that lie in stored chunks."""
        return int(self.number("SELECT COALESCE(sum(stored), 0) FROM media_participant"))

    def wait_until_archived(self, connections: int, seconds: float, meanwhile: Callable[[], object] = bool) -> None:
        """Until all that was received is archived and every session is over."""
        until = time.monotonic() + seconds
        while self.number("SELECT count(*) FROM media_connection") < connections or self.number(UNFINISHED):
            if time.monotonic() > until:
                raise NotArchived(f"the spool is not empty {seconds:.0f} s after the last frame")
            meanwhile()
            time.sleep(POLL_SECONDS)

    def number(self, sql: str) -> float:
        row = self.connection.execute(sql.encode()).fetchone()
        return float(row[0]) if row else 0.0

    def close(self) -> None:
        self.connection.close()
