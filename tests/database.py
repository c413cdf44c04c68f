"""A PostgreSQL that a test may stop, hang and bring back under a running server; reached by DATABASE_URL."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from config.embedded_postgres.membership import Membership


class Database:
    """Running from the start. `url` is for DATABASE_URL."""

    def __init__(self, folder: Path) -> None:
        self.member = Membership(folder)
        self.parameters = self.member.ready()

    @property
    def url(self) -> str:
        of = {name: quote(str(value), safe="") for name, value in self.parameters.items()}
        return f"postgres://{of['user']}:{of['password']}@/recorder?host={of['host']}&port={of['port']}"

    def stop(self) -> None:
        """Gone, as after a reboot: connections are refused."""
        self.resume()
        self.member.cluster.stop()

    def start(self) -> None:
        self.member.ready()

    def hang(self) -> None:
        """Every process of it is stopped: connections are taken by the kernel, and nothing answers."""
        self._tell_all(signal.SIGSTOP)

    def resume(self) -> None:
        self._tell_all(signal.SIGCONT)

    def ask(self, sql: str) -> object:
        """The first column of the first row."""
        with psycopg.connect(self.url, connect_timeout=5) as connection:
            row = connection.execute(sql.encode()).fetchone()
            return row[0] if row else None

    def _tell_all(self, number: signal.Signals) -> None:
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):  # one that served a connection ends with it
                process.send_signal(number)

    def _processes(self) -> list[psutil.Process]:
        pid = self.member.cluster.status().pid
        if pid is None:
            return []
        master = psutil.Process(pid)
        return [master, *master.children(recursive=True)]


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """A PostgreSQL of the test's own; ended with it, in whatever state the test left it."""
    made = Database(folder)
    try:
        yield made
    finally:
        made.resume()
        made.member.leave()
