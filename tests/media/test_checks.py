"""System checks: what is wrong with an installation is said before it is used."""

from pathlib import Path, PurePosixPath

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from media.filesystems import filesystem_of, is_network, is_overlay


def ids() -> list[str | None]:
    return [message.id for message in run_checks() if (message.id or "").startswith("media.")]


def test_it_finds_nothing_wrong_with_the_project_as_it_is() -> None:
    assert set(ids()) <= {"media.W010"}  # tests may run in a container


@pytest.mark.parametrize("folder", ["media", "media/uploads", Path(__file__).parents[2] / "media"])
def test_it_refuses_uploads_into_the_app(settings: Settings, folder: str) -> None:
    settings.MEDIA_ROOT = folder
    assert "media.E001" in ids()


@pytest.mark.parametrize("url", ["/media/", "media/", "/media/uploads/"])
def test_it_refuses_urls_under_the_apps_name(settings: Settings, url: str) -> None:
    settings.MEDIA_URL = url
    assert "media.E002" in ids()


def test_it_refuses_a_route_under_the_apps_name(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.media.urls_that_serve_media"
    assert "media.E003" in ids()


@pytest.mark.parametrize("line", ["media/", "/media", "**/media/", "/media/*"])
def test_it_refuses_a_gitignore_that_hides_the_app(settings: Settings, tmp_path: Path, line: str) -> None:
    (tmp_path / ".gitignore").write_text(f"/var/\n{line}\n")
    settings.BASE_DIR = tmp_path
    assert "media.E004" in ids()


@pytest.mark.parametrize("line", ["/var/", "# media/", "/var/media/", "media.log"])
def test_it_lets_other_lines_of_gitignore_be(settings: Settings, tmp_path: Path, line: str) -> None:
    (tmp_path / ".gitignore").write_text(f"{line}\n")
    settings.BASE_DIR = tmp_path
    assert "media.E004" not in ids()


def test_it_refuses_recordings_in_the_app(settings: Settings) -> None:
    entry = {
        "BACKEND": "media.storage.FileRecordings",
        "OPTIONS": {"location": f"{settings.BASE_DIR}/media/recordings"},
    }
    settings.STORAGES = {**settings.STORAGES, "recordings": entry}
    assert "media.E005" in ids()


@pytest.mark.parametrize("name", ["VAR_DIR", "SPOOL_DIR"])
def test_it_refuses_a_folder_that_is_a_file(settings: Settings, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    setattr(settings, name, tmp_path / "file" / "var")
    assert "media.E011" in ids()


def test_it_takes_a_folder_that_is_yet_to_be_made(settings: Settings, tmp_path: Path) -> None:
    settings.SPOOL_DIR = tmp_path / "new" / "spool"
    assert "media.E011" not in ids()


def test_it_says_that_the_embedded_database_is_for_trying_out(settings: Settings) -> None:
    settings.EMBEDDED_DATABASE, settings.PUBLIC_URL, settings.DEBUG = True, "https://recorder.example.org", False
    assert "media.W012" in ids()
    settings.DEBUG = True
    assert "media.W012" not in ids()


def test_it_says_that_acs_wants_an_encrypted_address(settings: Settings) -> None:
    settings.PUBLIC_URL, settings.DEBUG = "http://recorder.example.org", False
    assert "media.W015" in ids()
    settings.PUBLIC_URL = "https://recorder.example.org"
    assert "media.W015" not in ids()


def test_it_refuses_several_processes_without_redis(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    settings.REDIS_URL = ""
    assert "media.E013" in ids()
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    assert "media.E013" not in ids()
    monkeypatch.delenv("WEB_CONCURRENCY")
    settings.REDIS_URL, settings.WORKERS = "", 2
    assert "media.E013" in ids()


@pytest.mark.parametrize(("key", "wrong"), [("c2VjcmV0", False), ("not base64!", True), ("c2VjcmV", True)])
def test_it_refuses_a_key_that_was_not_copied_whole(settings: Settings, key: str, wrong: bool) -> None:
    settings.ACS_ACCESS_KEY = key
    assert ("media.E014" in ids()) == wrong


MOUNTINFO = r"""
22 1 254:0 / / rw,relatime shared:1 - overlay overlay rw,lowerdir=/a:/b
23 22 0:21 / /proc rw - proc proc rw
24 22 0:44 / /srv/spool rw,relatime master:7 shared:2 - nfs4 server:/export rw
25 24 8:1 / /srv/spool/local rw - ext4 /dev/sda1 rw
26 22 0:45 / /srv/two\040words rw - fuse.sshfs somebody@there: rw
27 22 0:46 / /twice rw - tmpfs tmpfs rw
28 27 0:47 / /twice rw - cifs //there/share rw
garbage
""".strip()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/", "overlay"),
        ("/var/lib/spool", "overlay"),
        ("/srv/spool", "nfs4"),
        ("/srv/spool/host-1", "nfs4"),
        ("/srv/spool/local/host-1", "ext4"),
        ("/srv/spool-of-another-name", "overlay"),
        ("/srv/two words/spool", "fuse.sshfs"),
        ("/twice/spool", "cifs"),
    ],
)
def test_it_knows_on_which_file_system_a_folder_lies(folder: str, kind: str) -> None:
    assert filesystem_of(PurePosixPath(folder), MOUNTINFO) == kind


def test_it_knows_nothing_where_nothing_is_said() -> None:
    assert filesystem_of(PurePosixPath("/var"), "") == ""


def test_it_tells_network_file_systems_from_disks() -> None:
    assert all(map(is_network, ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse", "fuse.sshfs", "fuseblk"]))
    assert not any(map(is_network, ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs", ""]))
    assert is_overlay("overlay")
    assert not is_overlay("ext4")
