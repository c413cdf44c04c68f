"""What conftest.py promises: no other machine is asked, CI sees a skipped test as a failed one, and several processes
share the tests so that those of a file, and the hungry ones, stay together."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parallel import HUNGRY
from tests.serving import ROOT

SKIPPING = """
import pytest

def test_skipped():
    pytest.skip("no chromium here")

@pytest.mark.xfail
def test_known():
    assert False
"""


SKIPPED_WHOLE = "import pytest; pytest.importorskip('no_module_of_this_name')"


NAMES_ITS_PROCESS = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(3))
def test_it(number):
    with pathlib.Path("ran").open("a") as ran:
        print(__name__, os.environ["PYTEST_XDIST_WORKER"], file=ran)
"""


def run_pytest(folder: Path, setting: str, processes: str) -> "subprocess.CompletedProcess[str]":
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    options = ["-q", "-p", "xdist.plugin", "-p", "no:cacheprovider", "-c", os.devnull]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-n", processes, "."],
        cwd=folder,
        env={**os.environ, "RECORDER_NO_SKIP": setting, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
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


def test_tests_of_a_file_and_hungry_ones_share_a_process(tmp_path: Path) -> None:
    files = (*HUNGRY[:2], *(f"tests/test_{number}.py" for number in range(6)))
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(NAMES_ITS_PROCESS)
    run = run_pytest(tmp_path, "", "2")
    assert run.returncode == 0, run.stdout
    ran = [line.split() for line in (tmp_path / "ran").read_text().splitlines()]
    assert len(ran) == 3 * len(files)
    processes = {name: {process for other, process in ran if other == name} for name, _ in ran}
    assert {len(used) for used in processes.values()} == {1}
    assert len({process for used in processes.values() for process in used}) == 2
    hungry = [process for name, process in ran if name in {Path(file).stem for file in HUNGRY}]
    assert len(set(hungry)) == 1


TELLS = """
import os
from tests.faults.told import tell

def test_{0}(say):
    tell("a disk that {0}", "nothing", "recording")
    say("process " + os.environ["PYTEST_XDIST_WORKER"])
"""


def test_what_tests_in_several_processes_tell_of_faults_is_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "tests_of_faults"
    folder.mkdir()
    (folder / "conftest.py").write_text("from tests.faults.told import *")
    for verb in ("burns", "melts"):
        (folder / f"test_{verb}.py").write_text(TELLS.format(verb))
    run = run_pytest(tmp_path, "", "2")
    _, _, table = run.stdout.partition("what each fault took")
    for said in ("a disk that burns  nothing", "a disk that melts  nothing", "process gw0", "process gw1"):
        assert table.count(said) == 1, run.stdout


def test_a_test_that_ends_its_process_fails_once_and_the_rest_of_its_file_runs(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("import os\ndef test_a(): os._exit(1)\ndef test_b(): pass\ndef test_c(): pass")
    (tmp_path / "test_d.py").write_text("def test_d(): pass")
    run = run_pytest(tmp_path, "", "2")
    assert "1 failed, 3 passed" in run.stdout


def test_it_refuses_other_machines() -> None:
    with socket.socket() as knock, pytest.raises(PermissionError, match="Tests have no network"):
        knock.connect(("192.0.2.1", 80))
