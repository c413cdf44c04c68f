"""What conftest.py promises: no other machine is asked, and CI sees a skipped test as a failed one."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPING = """
import pytest

def test_skipped():
    pytest.skip("no chromium here")

@pytest.mark.xfail
def test_known():
    assert False
"""


@pytest.mark.parametrize(("setting", "outcome"), [("", "1 skipped, 1 xfailed"), ("1", "1 failed, 1 xfailed")])
def test_it_fails_skipped_tests_for_ci(tmp_path: Path, setting: str, outcome: str) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_a.py").write_text(SKIPPING)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider", "-c", os.devnull, "."],
        cwd=tmp_path,
        env={**os.environ, "RECORDER_NO_SKIP": setting},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert outcome in run.stdout
    assert run.returncode == (1 if setting else 0)


def test_it_refuses_other_machines() -> None:
    with socket.socket() as knock, pytest.raises(PermissionError, match="Tests have no network"):
        knock.connect(("192.0.2.1", 80))
