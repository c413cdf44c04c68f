"""Several processes share one embedded server: who starts it, who stops it, what a killed one leaves behind."""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.embedded_postgres.cluster import Cluster
from config.embedded_postgres.membership import Membership

from .embedded import UserProcess, member_of, run_django, wait_until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a server that was made before and stands still."""
    folder = tmp_path_factory.mktemp("var") / "postgres"
    with member_of(folder) as member:
        member.ready()
    return folder


def pid_in(folder: Path) -> int | None:
    return Cluster(folder).status().pid


def test_it_starts_one_server_for_processes_that_come_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with ExitStack() as stack:
        users = [stack.enter_context(UserProcess(folder)) for _ in range(4)]
        pids = {user.wait_ready().ask("SELECT pg_postmaster_start_time()::text") for user in users}
        assert len(pids) == 1
    assert pid_in(folder) is None


def test_it_runs_until_the_last_user_leaves(folder: Path) -> None:
    with UserProcess(folder) as last:
        last.wait_ready()
        with UserProcess(folder) as first:
            first.wait_ready()
        assert last.ask("SELECT 1") == "1"
    assert pid_in(folder) is None
    assert not Cluster(folder).alive()


def test_it_outlives_the_killed_process_that_started_it(folder: Path) -> None:
    with UserProcess(folder).wait_ready() as starter:
        started = pid_in(folder)
        with UserProcess(folder) as other:
            other.wait_ready()
            starter.kill()
            assert other.ask("SELECT 1") == "1"
            assert pid_in(folder) == started
        assert pid_in(folder) is None


def test_it_is_adopted_when_every_user_was_killed(folder: Path) -> None:
    UserProcess(folder).wait_ready().kill()
    left_running = pid_in(folder)
    assert left_running
    with UserProcess(folder) as next_user:
        next_user.wait_ready()
        assert pid_in(folder) == left_running
    assert pid_in(folder) is None


def test_it_recovers_when_every_user_and_the_server_were_killed(folder: Path) -> None:
    user = UserProcess(folder).wait_ready()
    killed = pid_in(folder)
    assert killed
    user.kill()
    os.kill(killed, signal.SIGKILL)
    with UserProcess(folder) as next_user:
        assert next_user.wait_ready().ask("SELECT 1") == "1"


def test_it_survives_a_starter_killed_in_the_middle_of_the_first_start(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with UserProcess(folder) as starter:
        wait_until((folder / "data.new" / "base").exists)
        starter.kill()
    with UserProcess(folder) as next_user:
        assert next_user.wait_ready().ask("SELECT 1") == "1"


def test_it_is_not_stopped_by_a_forked_child_that_ends(folder: Path) -> None:
    code = """
import os
started = ask("SELECT pg_postmaster_start_time()")
connection.close()
child = os.fork()
if child == 0:
    sys.exit(0)  # runs what the parent registered for its own exit
print(os.waitpid(child, 0)[1], ask("SELECT pg_postmaster_start_time()") == started)
"""
    done = run_django(code, folder, cwd="/")
    assert done.stdout == "0 True\n", done.stderr
    assert pid_in(folder) is None


def test_it_is_kept_by_the_parent_alone_after_a_fork(folder: Path) -> None:
    parent = Membership(folder)
    parent.ready()
    child = os.fork()
    if child == 0:
        parent.forget_after_fork()
        signal.pause()
    try:
        wait_until(lambda: _lock_descriptors(child, folder) == 0)
        parent.leave()
        assert pid_in(folder) is None
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _lock_descriptors(pid: int, folder: Path) -> int:
    """How many descriptors of the users' lock a process has; 0 where there is no /proc to ask."""
    links = [link.readlink() for link in Path(f"/proc/{pid}/fd").glob("*") if link.is_symlink()]
    return links.count(folder / "users.lock")
