"""What deploy/ holds: nginx in front of a real server, with its log; and the files that no container engine reads
here."""

import asyncio
import re
import shutil
import ssl
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from acs_emulator.tls import Authority
from tests.serving import ROOT, RunningServer, free_port

DEPLOY = ROOT / "deploy"
SETTINGS = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
KNOWN = set(re.findall(r'env\.\w+\(\s*"(\w+)"', SETTINGS)) | {"POSTGRES_PASSWORD"}


@contextmanager
def nginx(folder: Path, upstream: int, port: int) -> Iterator[tuple[Path, ssl.SSLContext]]:
    """nginx with the shipped configuration, its names and ports changed: its access log, and what trusts it."""
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    authority = Authority(folder / "tls")
    (folder / "tls" / "server.pem").rename(folder / "tls" / "fullchain.pem")
    (folder / "tls" / "server.key").rename(folder / "tls" / "privkey.pem")
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for old, new in (
        ("ingest:8000", f"127.0.0.1:{upstream}"),
        ("web:8000", f"127.0.0.1:{upstream}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("listen 80", f"listen 127.0.0.1:{free_port()}"),
        ("/etc/nginx/tls", str(folder / "tls")),
        ("/dev/stdout", str(folder / "access.log")),
        ("/dev/stderr", str(folder / "error.log")),
    ):
        assert old in text, old
        text = text.replace(old, new)
    text = f"pid {folder}/nginx.pid;\ndaemon off;\n{text}"
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-p", str(folder), "-e", str(folder / "start.log"), "-c", str(folder / "nginx.conf")]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    process = subprocess.Popen(command)
    try:
        yield folder / "access.log", authority.trust()
    finally:
        process.terminate()
        process.wait(10)


async def talk(url: str, trust: ssl.SSLContext) -> None:
    async with connect(url, ssl=trust, proxy=None) as socket:
        for _ in range(5):
            await socket.send('{"kind":"AudioData","audioData":{"timestamp":"2026-01-01T00:00:00Z","data":"AAA="}}')


def test_nginx_passes_sockets_on_and_writes_no_token_down(tmp_path: Path) -> None:
    port = free_port()
    env = {"TRUSTED_PROXIES": "127.0.0.1", "PUBLIC_URL": f"https://127.0.0.1:{port}"}
    with RunningServer(tmp_path / "var", env) as server, nginx(tmp_path, server.port, port) as (log, trust):
        address = server.media_url(uuid.uuid4()).replace(server.ws, f"wss://127.0.0.1:{port}")
        _wait_for(port)
        asyncio.run(talk(address, trust))
        with pytest.raises(InvalidStatus):
            asyncio.run(talk(f"wss://127.0.0.1:{port}/acs/media/not-a-token", trust))
        query = "acs/events?key=a-secret-key"
        subprocess.run(["curl", "-sk", f"https://127.0.0.1:{port}/{query}"], check=True, capture_output=True)
        figures = subprocess.run(
            ["curl", "-sk", f"https://127.0.0.1:{port}/metrics"], check=True, capture_output=True, text=True
        )
        assert "recorder_" not in figures.stdout
        assert "socket /acs/media/… opened" in server.wait_for_output("opened")
        assert "media socket from 127.0.0.1 refused with 403" in server.output(), "a proxy tells no port"
        written = log.read_text()
    assert '"GET /acs/media/***" 101' in written
    assert '"GET /acs/media/***" 403' in written
    assert '"GET /acs/events" ' in written
    for secret in (address.rpartition("/")[2], "not-a-token", "a-secret-key"):
        assert secret not in written + (tmp_path / "error.log").read_text()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while subprocess.run(["curl", "-sk", f"https://127.0.0.1:{port}/healthz/live"], check=False).returncode:
        assert time.monotonic() < end, "nginx does not listen"
        time.sleep(0.1)


def test_its_compose_file_runs_the_product_as_it_is() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {"web", "ingest", "archiver", "postgres", "redis", "nginx"}
    for name in ("web", "ingest", "archiver"):
        service = services[name]
        assert set(service["environment"]) <= KNOWN, name
        assert service["environment"]["ARCHIVE_IN_PROCESS"] == "0"
        assert "recorder:/var/lib/recorder" in service["volumes"]
    drain = int(services["ingest"]["environment"]["DRAIN_SECONDS"])
    assert int(services["ingest"]["stop_grace_period"].removesuffix("s")) > drain + 20
    upstreams = re.findall(r"server (\w+):(\d+)", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert upstreams == [("ingest", "8000"), ("ingest", "8000"), ("web", "8000")]


@pytest.mark.parametrize("file", ["env.example", *(f"systemd/{path.name}" for path in (DEPLOY / "systemd").iterdir())])
def test_its_settings_are_ours(file: str) -> None:
    text = (DEPLOY / file).read_text(encoding="utf-8")
    lines = text.splitlines() if file == "env.example" else re.findall(r"^Environment=(.+)$", text, re.MULTILINE)
    given = {word.partition("=")[0] for line in lines if not line.startswith("#") for word in line.split()}
    assert given
    assert given - {"RECORDINGS_URL"} <= KNOWN


def test_its_units_and_image_start_what_there_is() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (DEPLOY / "systemd").iterdir()]
    texts.append((DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    commands = {found for text in texts for found in re.findall(r"manage\.py[\", ]+(\w+)", text)}
    assert commands == {"serve", "archive", "collectstatic"}
    for copied in re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE):
        assert all((ROOT / name).exists() for name in copied.split())


def test_its_image_is_set_up_from_what_is_copied_before(tmp_path: Path) -> None:
    """All is installed already, as far as the stamps say, so that nothing is fetched here."""
    before, _, _ = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").partition("scripts/setup.sh runtime")
    for names, target in re.findall(r"^COPY (.+) (\S+)$", before, re.MULTILINE):
        for name in names.split():
            file = tmp_path / target / name if target.endswith("/") else tmp_path / target
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, file)
    (tmp_path / ".venv").mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (tmp_path / ".venv" / part).symlink_to(ROOT / ".venv" / part)
    (tmp_path / "node_modules").mkdir()
    stamps = """
        python() { .venv/bin/python -c 'import sys; print(sys.version)'; cat requirements.txt; }
        printf '%s' "$(python | cksum)" >.venv/runtime.stamp
        printf '%s' "$(cksum package.json package-lock.json)" >node_modules/runtime.stamp
        exec scripts/setup.sh runtime
    """
    done = subprocess.run(["bash", "-c", stamps], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _kept_out(path: str) -> bool:
    """As a container engine reads .dockerignore: a pattern stands for a path and all below it, from the root, or from
    any folder after `**/`."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    parts = path.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    for pattern in (line for line in lines if line and not line.startswith("#")):
        assert not pattern.startswith(("!", "/")), pattern
        any_folder, name = pattern.startswith("**/"), pattern.removeprefix("**/")
        expected = re.compile(("(.+/)?" if any_folder else "") + re.escape(name).replace(r"\*", "[^/]*"))
        if any(expected.fullmatch(each) for each in above):
            return True
    return False


HOSTS_OWN = ["deploy/.env", "deploy/tls/privkey.pem", ".env", "config/.env", ".env.local", "var/secret_key", ".ci/run"]
HOSTS_OWN += [
    "var/recordings/a.flac",
    ".git/config",
    ".venv/bin/python",
    "node_modules/ws/index.js",
    "x/__pycache__/y.pyc",
]
NEEDED = ["requirements.txt", "package.json", "package-lock.json", ".npmrc", "scripts/setup.sh", "manage.py"]


def test_its_image_holds_nothing_of_the_host() -> None:
    for path in HOSTS_OWN:
        assert _kept_out(path), path
    ours = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    for pattern in ours:  # what is no part of the project is no part of the image
        assert _kept_out(pattern.strip("/").replace("*", "x")), pattern
    assert {"/deploy/.env", "/deploy/tls/"} <= set(ours)
    for path in NEEDED:
        assert not _kept_out(path), path
    for folder in ("acs_emulator", "calls", "config", "media", "static", "templates"):
        for file in (ROOT / folder).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                assert not _kept_out(file.relative_to(ROOT).as_posix()), file
