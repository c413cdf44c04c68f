"""PostgreSQL is away, or hangs, under a real server: it starts, takes sockets and says so; and comes back by itself."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from tests.database import Database, database
from tests.serving import RunningServer, free_port

METADATA = (
    '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"s","encoding":"PCM","sampleRate":16000,'
    '"channels":1,"length":640}}'
)
SENTENCE = "The database is not available at the moment. Recording goes on; this page comes back by itself."


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Database]:
    with database(tmp_path / "database") as made:
        yield made


@pytest.fixture
def under(tmp_path: Path, postgres: Database) -> Iterator[RunningServer]:
    """A server that stands on `postgres`; not started yet."""
    made = RunningServer(tmp_path / "var", {"DATABASE_URL": postgres.url})
    yield made
    made.kill()


def wait_until_not_ready(server: RunningServer) -> None:
    until = time.monotonic() + 60
    while server.get("/healthz/ready")[0] == 200:
        assert time.monotonic() < until, "still says that it is ready"
        time.sleep(0.1)


def says_so(server: RunningServer) -> None:
    status, page, headers = server.get("/admin/login/", seconds=3)
    assert (status, headers["retry-after"], headers["cache-control"]) == (503, "5", "no-store")
    assert SENTENCE in page
    status, answer, headers = server.get("/api/v1/sessions", seconds=3)
    assert (status, answer) == (503, f'{{"detail": "{SENTENCE}"}}')
    assert server.get("/healthz/live")[0] == 200
    assert server.get("/static/admin/css/base.css")[0] == 200


@pytest.mark.parametrize("command", ["migrate", "showmigrations", "createtoken olga"])
def test_a_command_says_so_too(tmp_path: Path, command: str) -> None:
    nowhere = RunningServer(tmp_path / "var", {"DATABASE_URL": f"postgres://a:b@127.0.0.1:{free_port()}/x"})
    ended = nowhere.manage(*command.split())
    assert ended.returncode == 1
    assert "The database cannot be used now: " in ended.stderr
    assert "Check DATABASE_URL, then try again." in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
async def test_it_serves_whatever_the_database_does(under: RunningServer, postgres: Database) -> None:
    """Not there yet, gone and back, hung and awake, and hung when the server is to end: one server bears it all."""
    await takes_sockets_before_it_is_there(under, postgres)
    await says_so_when_it_goes_and_comes_back(under, postgres)
    assert "Traceback" not in under.output()
    await says_so_when_it_hangs(under, postgres)
    await ends_although_it_hangs(under, postgres)


async def takes_sockets_before_it_is_there(under: RunningServer, postgres: Database) -> None:
    postgres.stop()
    under.start(ready=False)
    status, text, _ = under.get("/healthz/ready")
    assert status == 503
    assert '"spool": "ok"' in text or '"spool": "not checked yet"' in text
    says_so(under)
    async with connect(under.media_url()) as stream:
        await stream.send(METADATA)
        postgres.start()
        under.wait_until_ready()
        await (await stream.ping())
    assert under.get("/admin/login/")[0] == 200
    assert postgres.ask("SELECT count(*) FROM media_streamsession") is not None


async def says_so_when_it_goes_and_comes_back(under: RunningServer, postgres: Database) -> None:
    worked = under.output().count("The database works again.")
    async with connect(under.media_url()) as stream:
        postgres.stop()
        wait_until_not_ready(under)
        says_so(under)
        await stream.send(METADATA)
        postgres.start()
        under.wait_until_ready()
        await (await stream.ping())
    assert under.get("/admin/login/")[0] == 200
    assert under.output().count("The database works again.") == worked + 1


async def says_so_when_it_hangs(under: RunningServer, postgres: Database) -> None:
    postgres.hang()
    wait_until_not_ready(under)
    assert "no answer for" in str(under.readiness()["database"])
    says_so(under)
    async with connect(under.media_url()) as stream:
        await stream.send(METADATA)
        postgres.resume()
        under.wait_until_ready()
        await (await stream.ping())


async def ends_although_it_hangs(under: RunningServer, postgres: Database) -> None:
    async with connect(under.media_url()) as stream:
        await stream.send(METADATA)
        postgres.hang()
        time.sleep(2)  # the archiver and the watch are caught in it
        assert under.stop(seconds=60) == 0


def test_several_that_start_at_once_migrate_once(tmp_path: Path, postgres: Database) -> None:
    servers = [RunningServer(tmp_path / f"var{n}", {"DATABASE_URL": postgres.url}) for n in range(2)]
    try:
        for server in servers:
            server.launch()
        for server in servers:
            server.wait_until_listening()
            server.wait_until_ready()
        migrating = [server for server in servers if "Migrating the database." in server.output()]
        assert len(migrating) == 1
        assert not any("does not work" in server.output() for server in servers)
    finally:
        for server in servers:
            server.kill()


def test_it_names_a_database_that_nobody_answers_for(tmp_path: Path) -> None:
    url = f"postgres://somebody:secret-word@127.0.0.1:{free_port()}/recorder"
    server = RunningServer(tmp_path / "var", {"DATABASE_URL": url})
    try:
        server.start(ready=False)
        until = time.monotonic() + 60
        while "The database does not work: " not in server.output():
            assert time.monotonic() < until, server.output()
            time.sleep(0.1)
        assert "secret-word" not in server.output() + server.get("/healthz/ready")[1]
    finally:
        server.kill()
