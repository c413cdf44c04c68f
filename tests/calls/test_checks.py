"""What ACS could not take of the settings is said before the first call."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.checks import run_checks
from pytest_django import Settings

from calls.services.caller_id import own_number


def told() -> list[str]:
    return [f"{found.id} {found.msg}" for found in run_checks() if (found.id or "").startswith("calls.")]


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("ACS_CALLER_ID", "my number", "calls.E001 ACS_CALLER_ID: my number cannot be called"),
        ("ACS_CALLER_ID", "8:acs:res_ben", "calls.E001 ACS_CALLER_ID: 8:acs:res_ben is no telephone number."),
        ("AUTO_ANSWER", ["+15550188", "15550142"], "calls.E002 AUTO_ANSWER: 15550142 cannot be called"),
        ("AUTO_ANSWER", ["everybody"], "calls.E002 AUTO_ANSWER: everybody cannot be called"),
        ("ANNOUNCEMENT", "/srv/sounds/welcome.wav", "calls.E003 ANNOUNCEMENT=/srv/sounds/welcome.wav: there is no"),
        ("ANNOUNCEMENT", __file__, "calls.E003 ANNOUNCEMENT: test_checks.py cannot be played to callers"),
    ],
)
def test_it_says_what_acs_cannot_take(settings: Settings, setting: str, value: str | list[str], sentence: str) -> None:
    setattr(settings, setting, value)
    (found,) = told()
    assert found.startswith(sentence)


def test_it_finds_no_fault_with_what_works(settings: Settings, tmp_path: Path) -> None:
    sound = tmp_path / "welcome.flac"
    soundfile.write(sound, np.full(16_000, 0.5), 16_000)
    for said in ("", "This call is recorded, and/or heard.", "welcome.wav", str(sound)):
        settings.ANNOUNCEMENT = said
        assert told() == []
    settings.AUTO_ANSWER = ["*", "+1 555-0142", "8:acs:res_ben", "28:orgid:0aa7ba39-2e25-4bba-9fb9-4f0b0d2a6a3f"]
    for number in ("+1 555-0199", "4:+15550199"):
        settings.ACS_CALLER_ID = number
        assert told() == []
        assert own_number() == "4:+15550199"
