"""What ANNOUNCEMENT says: a text, or a sound file, which becomes a sound that ACS can fetch."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytest_django import Settings

from calls.errors import InvalidRequest
from calls.models import Prompt
from calls.services.announcing import announcement_of, offered

pytestmark = pytest.mark.django_db


def written(path: Path, seconds: float) -> None:
    soundfile.write(path, np.full(int(44_100 * seconds), 0.5), 44_100)


def test_a_file_becomes_a_sound_once_and_again_when_it_changes(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "welcome.flac"
    settings.ANNOUNCEMENT = str(path)
    assert offered() == str(path)  # so that a form does not offer to announce nothing
    for asked in (None, offered()):
        with pytest.raises(InvalidRequest, match=r"welcome\.flac: No such file"):
            announcement_of(asked)
    path.write_bytes(b"no sound")
    with pytest.raises(InvalidRequest, match="cannot be read as sound"):
        announcement_of(None)
    written(path, 1)
    assert announcement_of(None) == "welcome.flac"
    made = Prompt.objects.get()
    assert (made.duration_ms, bytes(made.wav)[:4]) == (1000, b"RIFF")
    Prompt.objects.update(duration_ms=7)
    assert announcement_of(None) == "welcome.flac"
    assert Prompt.objects.get().duration_ms == 7  # not made anew for each call
    written(path, 2)
    os.utime(path, (1, 1))
    assert announcement_of(None) == "welcome.flac"
    assert Prompt.objects.get().duration_ms == 2000
    path.unlink()
    assert announcement_of(None) == "welcome.flac"  # as it was


def test_a_text_is_a_text_and_what_is_asked_for_goes_first(settings: Settings) -> None:
    settings.ANNOUNCEMENT = "This call is recorded. Press 1/2 to agree."
    assert announcement_of(None) == settings.ANNOUNCEMENT
    assert announcement_of(" Hello. ") == "Hello."
    assert announcement_of("") == ""
