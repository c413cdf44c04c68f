"""Real processes that use an embedded PostgreSQL through Django, and folders for it. For the tests beside this file."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from config.embedded_postgres.membership import Membership

PROJECT = Path(__file__).resolve().parents[2]
SEARCHED = os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])

DJANGO = """
import sys
from pathlib import Path
import django
from django.conf import settings
settings.configure(
    SECRET_KEY="x", INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"], USE_TZ=True,
    DATABASES={"default": {"ENGINE": "config.embedded_postgres", "NAME": "recorder", "EMBEDDED_DIR": Path(sys.argv[1]),
                           "OPTIONS": {"connect_timeout": 2, "options": "-c statement_timeout=7s"}}})
django.setup()
from django.db import connection, OperationalError
def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
"""

# Answers each line of SQL that it reads with one line; ends when its input does.
ANSWERING = (
    DJANGO
    + """
print("ready", ask("select 'recorder'"), flush=True)
for line in sys.stdin:
    connection.close()
    try:
        print(ask(line), flush=True)
    except OperationalError as error:
        print("OperationalError:", str(error).splitlines()[0], flush=True)
"""
)


def run_django(code: str, folder: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run code after DJANGO in a process of its own, to its end."""
    command = [sys.executable, "-c", DJANGO + code, str(folder)]
    environment = {**os.environ, "PYTHONPATH": SEARCHED, **options.pop("env", {})}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False, **options)


class UserProcess:
    """A process that holds an embedded server in use."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.process: subprocess.Popen[str] = subprocess.Popen(
            [sys.executable, "-c", ANSWERING, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": SEARCHED},
            **options,
        )

    def __enter__(self) -> "UserProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def wait_ready(self) -> "UserProcess":
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line == "ready recorder\n", line + self.process.stdout.read()
        return self

    def put(self, sql: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert "Traceback" not in line, self.process.stdout.read()
        return line.strip()

    def ask(self, sql: str) -> str:
        self.put(sql)
        return self.answer()

    def leave(self) -> None:
        self.process.communicate(timeout=40)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def member_of(folder: Path) -> Iterator[Membership]:
    """This process as a user; leaves at the end, whatever happens."""
    member = Membership(folder)
    try:
        yield member
    finally:
        stopped = member.cluster.status().pid
        if stopped:
            os.kill(stopped, signal.SIGCONT)
        member.leave()


def connect(member: Membership, **changed: Any) -> psycopg.Connection:
    """A connection to a server that is up."""
    parameters = {**member.ready(), "dbname": "recorder", "connect_timeout": 3, **changed}
    return psycopg.connect(psycopg.conninfo.make_conninfo("", **parameters), autocommit=True)


def ask(member: Membership, sql: str) -> Any:
    with connect(member) as connection:
        row = connection.execute(sql.encode()).fetchone()
        assert row
        return row[0]


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


@contextmanager
def reachable_folder(owner: int) -> Iterator[Path]:
    """A folder that any account may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="embedded-"))
    try:
        folder.chmod(0o755)
        os.chown(folder, owner, -1)
        yield folder
    finally:
        shutil.rmtree(folder)
