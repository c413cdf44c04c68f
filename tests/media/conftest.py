from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from media.monitoring import disk as disks
from media.spool.writer import SpoolWriter


@pytest.fixture(autouse=True)
def disks_nobody_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """How fast those of this machine fill, which other programs and tests write to, is no alarm of a test's."""
    monkeypatch.setattr(disks, "_trends", {})


@pytest.fixture
def recordings_folder(settings: Settings, tmp_path: Path) -> Path:
    """Recordings of this test alone, in a folder of its own."""
    folder = tmp_path / "recordings of a test"
    storage = {"BACKEND": "media.storage.FileRecordings", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "recordings": storage}
    return folder


@pytest.fixture
def disk(tmp_path: Path, recordings_folder: Path) -> Path:
    """A folder with room for spools, with the recordings beside them."""
    return tmp_path


@pytest.fixture
def spool(disk: Path) -> Iterator[SpoolWriter]:
    writer = SpoolWriter(disk / "spool")
    yield writer
    writer.close()
