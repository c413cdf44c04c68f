"""`manage.py doctor` beside real things: all well, and each of them wrong."""

import re
from pathlib import Path

import pytest
from pytest_django import Settings

from acs_emulator.testing import emulator
from config.doctor import stores
from tests.serving import RunningServer, free_port

GOOD = "ok"


def findings(output: str) -> dict[str, tuple[str, str]]:
    """By name: the mark, and the words with the fix."""
    found: dict[str, tuple[str, str]] = {}
    name = ""
    for line in output.splitlines():
        if fix := re.fullmatch(r" +→ (.+)", line):
            found[name] = (found[name][0], f"{found[name][1]} {fix[1]}")
        elif said := re.fullmatch(r" *(ok|–|WRONG)  ([^:]+): (.+)", line):
            name = said[2]
            found[name] = (said[1], said[3])
    return found


def test_it_finds_everything_well(tmp_path: Path) -> None:
    with emulator() as acs:
        server = RunningServer(
            tmp_path / "var", {"ACS_ENDPOINT": acs.url, "ACS_ACCESS_KEY": acs.key, "ACS_CALLER_ID": "+15550199"}
        )
        with server:
            told = server.manage("doctor", "--beacon")
            server.extra["ACS_ACCESS_KEY"] = "d3Jvbmc="
            amiss, proof = server.manage("doctor"), server.manage("doctor", "--beacon-only")
            left = server.manage("shell", "-c", "from media.models import *; print(StreamSession.objects.count())")
            server.extra["SECRET_KEY"] = "another key than that of the server, by mistake"
            stranger = server.manage("doctor", "--beacon-only")
    assert left.stdout.strip().endswith("0"), "the proof leaves nothing behind"
    assert told.returncode == 0, told.stdout + told.stderr
    assert "refused" not in told.stderr, "that a call it asks for is unknown is the good answer"
    found = findings(told.stdout)
    for name in ("database", "recordings", "spool", "socket", "ACS", "clock"):
        assert found[name][0] == GOOD, told.stdout
    for number in (1, 2):
        said = "All 80,000 samples are stored as they were sent."
        assert found[f"beacon, Participant {number}"] == (GOOD, said)
    assert (amiss.returncode, findings(amiss.stdout)["ACS"][0]) == (1, "WRONG")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    proved = {name: said for name, said in found.items() if name.startswith("beacon")}
    assert findings(proof.stdout).keys() == proved.keys(), "the proof alone decides"
    assert "it runs with other settings than what made it" in findings(stranger.stdout)["beacon, The door"][1]
    deaf = server.manage("doctor", "--beacon-only")
    assert deaf.returncode == 1
    assert "look whether the server runs" in findings(deaf.stdout)["beacon, The door"][1]
    assert "1 of 1 need attention" in deaf.stderr
    assert found["users"] == ("–", "nobody can sign in yet: python manage.py createsuperuser makes the first user")
    assert "refuses who brings no proof" in found["socket"][1]
    assert "unset: ACS_EVENTS_KEY, ACS_RESOURCE_ID" in found["ACS"][1]


def test_it_names_each_fault_and_its_fix(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way of a folder")
    dead = free_port()
    with emulator() as acs:
        there = RunningServer(
            tmp_path / "var",
            {
                "DATABASE_URL": f"postgres://a:secret@127.0.0.1:{dead}/x",
                "REDIS_URL": f"redis://127.0.0.1:{dead}/0",
                "RECORDINGS_URL": f"file://{tmp_path}/a%20file/below",
                "SPOOL_DIR": str(tmp_path / "a file" / "spool"),
                "PUBLIC_URL": acs.url,  # something else answers there
                "ACS_ENDPOINT": acs.url,
                "ACS_ACCESS_KEY": "d3Jvbmc=",
                "EMAIL_URL": f"smtp://ada:secret@127.0.0.1:{dead}",
                "ALARM_MAIL_TO": "ada@example.com",
            },
        )
        told = there.manage("doctor")
    assert told.returncode == 1, told.stdout
    assert "secret" not in told.stdout + told.stderr
    found = findings(told.stdout)
    for name, words in (
        ("database", r"DATABASE_URL cannot be used: .+ Start it, and compare address, user and password\."),
        ("redis", r"Redis does not answer: .+ Start it, or correct REDIS_URL\."),
        ("recordings", r"recordings cannot be written, read and deleted: .+ Look at the folder's rights"),
        ("spool", r"cannot be written: .+ Give this account the right to write\."),
        ("public url", r"answers HTTP 404 Point the name and the proxy to this server"),
        ("socket", r"Point the name and the proxy to this server"),
        ("ACS", r"Compare ACS_ACCESS_KEY"),
        ("mail", r"the mail server 127\.0\.0\.1:\d+ cannot be reached .+ Compare host and port in EMAIL_URL"),
    ):
        assert found[name][0] == "WRONG", told.stdout
        assert re.search(words, found[name][1]), told.stdout
    assert "8 of 10 need attention" in told.stderr


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux")
def test_a_full_disk_wants_room_and_no_rights(settings: Settings) -> None:
    settings.SPOOL_DIR = Path("/proc")  # has no room, and nobody can write there
    found = stores.spool()
    assert (found.health, found.words) == ("wrong", "only 0 MiB are left in SPOOL_DIR=/proc")
    assert found.fix.startswith("Make room")
