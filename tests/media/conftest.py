from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture
def recordings_folder(settings: Settings, tmp_path: Path) -> Path:
    """Recordings of this test alone, in a folder of its own."""
    folder = tmp_path / "recordings of a test"
    storage = {"BACKEND": "media.storage.FileRecordings", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "recordings": storage}
    return folder
