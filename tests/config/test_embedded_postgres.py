"""The embedded server as one process sees it: what it is, who may connect, what happens when it dies or hangs."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded_postgres.errors import NotAnswering
from config.embedded_postgres.membership import Membership

from .embedded import UserProcess, ask, connect, member_of, wait_until


@pytest.fixture(scope="module")
def member(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Membership]:
    with member_of(tmp_path_factory.mktemp("var") / "postgres") as member:
        member.ready()
        yield member


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that was made before and stands still."""
    folder = tmp_path_factory.mktemp("var") / "postgres"
    with member_of(folder) as member:
        member.ready()
    return folder


def postmaster(member: Membership) -> int:
    pid = member.cluster.status().pid
    assert pid
    return pid


def test_it_is_postgresql_18_in_utf_8(member: Membership) -> None:
    assert ask(member, "SHOW server_version").startswith("18.")
    assert ask(member, "SHOW server_encoding") == "UTF8"
    assert ask(member, "SELECT upper('grün, één')") == "GRÜN, ÉÉN"


def test_it_writes_durably(member: Membership) -> None:
    assert ask(member, "SHOW fsync") == "on"
    assert ask(member, "SHOW synchronous_commit") == "on"


def test_it_listens_on_no_network(member: Membership) -> None:
    assert ask(member, "SHOW listen_addresses") == ""
    assert member.cluster.data.stat().st_mode & 0o777 == 0o700


def test_it_refuses_a_wrong_password(member: Membership) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(member, password="wrong")


def test_it_refuses_a_user_without_password(member: Membership) -> None:
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        connect(member, password="")


def test_it_stores_the_password_as_scram_and_trusts_nobody(member: Membership) -> None:
    assert ask(member, "SELECT rolpassword FROM pg_authid WHERE rolcanlogin").startswith("SCRAM-SHA-256$")
    assert ask(member, "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules") == "scram-sha-256"


def test_it_keeps_the_password_to_its_user(member: Membership) -> None:
    assert (member.cluster.folder / "password").stat().st_mode & 0o777 == 0o600


def test_it_is_out_of_reach_of_the_terminals_ctrl_c(member: Membership) -> None:
    assert os.getsid(postmaster(member)) == postmaster(member)


def test_it_hides_our_environment_from_the_server(member: Membership) -> None:
    environment = Path(f"/proc/{postmaster(member)}/environ")
    assert "HOME" in os.environ
    assert not environment.exists() or b"HOME=" not in environment.read_bytes()


def test_it_tells_its_status(member: Membership, tmp_path: Path) -> None:
    status = member.cluster.status()
    assert (status.made, status.running, status.folder) == (True, True, member.cluster.folder)
    absent = Membership(tmp_path / "postgres").cluster.status()
    assert (absent.made, absent.running, absent.pid) == (False, False, None)


def test_it_comes_back_for_everybody_after_sigkill_with_all_that_was_committed(idle: Path) -> None:
    with UserProcess(idle) as first, UserProcess(idle) as second, member_of(idle) as member:
        first.wait_ready()
        second.wait_ready()
        with connect(member) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        killed = postmaster(member)
        os.kill(killed, signal.SIGKILL)
        first.put("SELECT answer FROM kept")
        second.put("SELECT answer FROM kept")
        assert (first.answer(), second.answer()) == ("42", "42")
        assert postmaster(member) != killed


def test_it_refuses_in_time_while_the_server_hangs_and_starts_no_second(idle: Path) -> None:
    with UserProcess(idle) as user, member_of(idle) as member:
        user.wait_ready()
        hung = postmaster(member)
        os.kill(hung, signal.SIGSTOP)
        asked_at = time.monotonic()
        assert "lives but did not answer within 2 s" in user.ask("SELECT 1")
        assert time.monotonic() - asked_at < 15
        with pytest.raises(NotAnswering, match=f"kill -CONT {hung}"):
            member.cluster.start()
        assert postmaster(member) == hung
        os.kill(hung, signal.SIGCONT)
        assert user.ask("SELECT 1") == "1"
        assert postmaster(member) == hung


def test_it_ends_even_a_stopped_server_when_the_last_user_leaves(idle: Path) -> None:
    member = Membership(idle)
    member.ready()
    member.cluster.start()
    os.kill(postmaster(member), signal.SIGSTOP)
    member.leave()
    assert not member.cluster.status().running
    assert not member.cluster.alive()


def test_it_is_not_fooled_by_a_stale_pid_file_whose_number_lives_again(idle: Path) -> None:
    with UserProcess(idle) as user, member_of(idle) as member:
        user.wait_ready()
        stale = postmaster(member)
        os.kill(stale, signal.SIGKILL)
        wait_until(lambda: not member.cluster.alive())
        owner = member.cluster.data.stat().st_uid if os.geteuid() == 0 else None
        stranger = subprocess.Popen(["sleep", "60"], user=owner)
        try:
            for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
                lock_file = member.cluster.data / name
                lock_file.write_text(lock_file.read_text().replace(str(stale), str(stranger.pid), 1))
            assert not member.cluster.status().running
            assert user.ask("SELECT 1") == "1"
            assert postmaster(member) not in {stranger.pid, stale}
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()


def test_it_begins_anew_after_an_interrupted_initdb(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres" / "data.new" / "base"
    unfinished.mkdir(parents=True)
    with member_of(tmp_path / "postgres") as member:
        member.ready()
        member.cluster.start()
        assert ask(member, "SELECT 1") == 1
        assert not unfinished.parent.exists()
