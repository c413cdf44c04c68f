"""The embedded server as a Django database: migrations, test databases, options, dbshell."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .embedded import member_of, run_django


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with member_of(tmp_path_factory.mktemp("var") / "postgres") as member:
        member.ready()
        yield member.cluster.folder


def outcome(code: str, folder: Path) -> str:
    done = run_django(code, folder, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_takes_migrations(folder: Path) -> None:
    code = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
User.objects.create_user("olga")
print(User.objects.get(username__icontains="OLG"), connection.vendor)
"""
    assert outcome(code, folder) == "olga postgresql"


def test_it_makes_and_drops_a_test_database(folder: Path) -> None:
    code = """
name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
print(name, ask("SELECT current_database()"))
connection.creation.destroy_test_db("recorder", verbosity=0)
print(ask("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE NOT datistemplate"))
"""
    assert outcome(code, folder).splitlines() == ["test_recorder test_recorder", "postgres recorder"]


def test_it_passes_options_on(folder: Path) -> None:
    assert outcome("print(ask('SHOW statement_timeout'))", folder) == "7s"


def test_it_opens_first_connections_from_many_threads(tmp_path: Path) -> None:
    code = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(12) as threads:
    print(len(set(threads.map(lambda _: ask("SELECT pg_postmaster_start_time()"), range(12)))))
"""
    assert outcome(code, tmp_path / "postgres") == "1"


def test_it_works_with_djangos_connection_pool(folder: Path) -> None:
    code = """
connection.settings_dict["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 2, "timeout": 5}
print(ask("SELECT 1"))
connection.close()
connection.close_pool()
"""
    assert outcome(code, folder) == "1"


def test_it_opens_dbshell_with_the_wheels_psql(folder: Path) -> None:
    code = """
from django.core.management import call_command
call_command("dbshell", "--", "-Atc", "SELECT current_database()")
"""
    assert outcome(code, folder) == "recorder"


def test_it_names_a_missing_setting(folder: Path) -> None:
    done = run_django("connection.settings_dict.pop('EMBEDDED_DIR'); ask('SELECT 1')", folder, cwd="/")
    assert "EMBEDDED_DIR" in done.stderr
