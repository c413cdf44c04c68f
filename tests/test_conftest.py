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


SKIPPED_WHOLE = "import pytest; pytest.importorskip('no_module_of_this_name')"


def run_pytest(folder: Path, setting: str, processes: str) -> "subprocess.CompletedProcess[str]":
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    options = ["-q", "-p", "xdist.plugin", "-p", "no:cacheprovider", "-c", os.devnull]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-n", processes, "--dist", "loadgroup", "."],
        cwd=folder,
        env={**os.environ, "RECORDER_NO_SKIP": setting, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("setting", "processes", "outcome"),
    [("", "0", "1 skipped, 1 xfailed"), ("1", "0", "1 failed, 1 xfailed"), ("1", "2", "1 failed, 1 xfailed")],
)
def test_it_fails_skipped_tests_for_ci(tmp_path: Path, setting: str, processes: str, outcome: str) -> None:
    (tmp_path / "test_a.py").write_text(SKIPPING)
    run = run_pytest(tmp_path, setting, processes)
    assert outcome in run.stdout
    assert run.returncode == (1 if setting else 0)


@pytest.mark.parametrize("processes", ["0", "2"])
def test_it_fails_skipped_files_for_ci(tmp_path: Path, processes: str) -> None:
    (tmp_path / "test_a.py").write_text(SKIPPED_WHOLE)
    run = run_pytest(tmp_path, "1", processes)
    assert "skipped although RECORDER_NO_SKIP is set" in run.stdout
    assert run.returncode not in {0, 5}, run.stdout


def test_it_refuses_other_machines() -> None:
    with socket.socket() as knock, pytest.raises(PermissionError, match="Tests have no network"):
        knock.connect(("192.0.2.1", 80))
