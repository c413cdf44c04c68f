from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from media.spool.writer import SpoolWriter


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
