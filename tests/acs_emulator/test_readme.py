"""What the README says of developing without Azure, done word for word."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.acs_emulator.started import ROOT, started
from tests.serving import free_port

SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("## Develop without Azure")[1].split("\n## ")[0]

MINE = """
from azure.communication.callautomation import CallAutomationClient, PhoneNumberIdentifier
from azure.core.credentials import AzureKeyCredential

def test_it_is_called(acs):
    client = CallAutomationClient(acs.url, AzureKeyCredential(acs.key))
    ours = PhoneNumberIdentifier("+15550199")
    client.create_call(PhoneNumberIdentifier("+15550100"), acs.url + "/nobody", source_caller_id_number=ours)
    assert acs.wait_for("event", event="CallConnected")["status"] == 404
"""


def found(pattern: str) -> str:
    match = re.search(pattern, SECTION, re.DOTALL)
    assert match
    return match[1]


def run(*arguments: str, **environment: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, check=False, env=os.environ | environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_application_is_told_and_hears() -> None:
    code = found(r"```python\n(.*?)```")
    with started() as printed:
        assert f'KEY = "{printed["key"]}"' in code
        here = code.replace("http://127.0.0.1:9900", printed["url"]).replace("8080", str(free_port()))
        said = run("-c", here).splitlines()
    assert "Microsoft.Communication.CallConnected" in said
    metadata, *frames = [line for line in said if line.startswith("{")]
    assert metadata.startswith('{"kind":"AudioMetadata"')
    assert sum('"participantRawID":"4:+15550100"' in frame for frame in frames) > 50


def test_its_fixture_is_all_that_a_test_needs(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(found(r"`(from acs_emulator\.testing import [^`]+)`"))
    (tmp_path / "test_mine.py").write_text(MINE)
    assert "1 passed" in run("-m", "pytest", "-q", "-p", "no:django", str(tmp_path), PYTHONPATH=str(ROOT))
