"""The local authority: made once, trusted by Python and Node when told so, and only then."""

import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from acs_emulator.cli import main
from acs_emulator.media.socket import DialFailed, dial
from acs_emulator.tls import Authority
from tests.acs_emulator.sockets import media_server


def test_it_is_made_once(tmp_path: Path) -> None:
    first = Authority(tmp_path).certificate.read_bytes()
    server = (tmp_path / "server.pem").read_bytes()
    assert Authority(tmp_path).certificate.read_bytes() == first
    assert (tmp_path / "server.pem").read_bytes() == server


def test_it_makes_a_new_server_certificate_for_a_new_name(tmp_path: Path) -> None:
    authority = Authority(tmp_path).certificate.read_bytes()
    server = (tmp_path / "server.pem").read_bytes()
    assert Authority(tmp_path, ["acs.test"]).certificate.read_bytes() == authority
    assert (tmp_path / "server.pem").read_bytes() != server


def test_its_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    Authority(tmp_path)
    assert [oct((tmp_path / name).stat().st_mode)[-3:] for name in ("ca.key", "server.key")] == ["600", "600"]


async def test_a_socket_that_trusts_it_opens(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with media_server(authority.server_context()) as server:
        socket = await dial(server.url, {}, lambda message: None, lambda code, reason: None, authority.trust())
        await socket.close()
        with pytest.raises(DialFailed, match="not trusted"):
            await dial(server.url, {}, lambda message: None, lambda code, reason: None)


CERTIFICATES = "import ssl; print(len(ssl.create_default_context().get_ca_certs()))"


@pytest.mark.parametrize("file", ["", "bundle.pem"], ids=["none named", "its own, from an earlier start"])
def test_its_bundle_holds_the_systems_authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    """OpenSSL does not always name that file; and a shell that has its lines starts it again."""
    theirs = len(ssl.create_default_context().get_ca_certs())
    Authority(tmp_path)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if file:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / file))
    environment = os.environ | Authority(tmp_path).environment()
    done = subprocess.run([sys.executable, "-c", CERTIFICATES], env=environment, capture_output=True, check=True)
    assert int(done.stdout) == theirs + 1


@pytest.mark.parametrize("damage", ["a file", "no certificate"])
def test_it_says_what_is_wrong_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    folder = tmp_path / "acs-emulator"
    if damage == "a file":
        folder.write_text("")
    else:
        (Authority(folder).folder / "ca.pem").write_text("nothing")
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    assert main(["--tls", "--port", "0"]) == 1
    assert f"The certificates of --tls in {folder} cannot be made or read: " in capsys.readouterr().err


async def test_its_lines_make_other_python_programs_trust_it(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "a folder")
    lines = authority.environment()
    assert list(lines) == ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"]
    assert f"SSL_CERT_FILE='{tmp_path}/a folder/bundle.pem'" in authority.lines()
    done = subprocess.run(
        [sys.executable, "-c", CERTIFICATES], env={**os.environ, **lines}, capture_output=True, check=True
    )
    own = ssl.create_default_context()
    assert int(done.stdout) >= len(own.get_ca_certs()) + 1
