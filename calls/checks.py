"""System checks of the settings that say who calls, who is answered and what callers hear. What ACS cannot take stops
the start, instead of each call."""

from collections.abc import Sequence
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from calls.errors import UncallableTarget, UnplayableSound
from calls.identifiers import target_of
from calls.prompt_audio import prompt_of
from calls.services.announcing import names_a_file

Found = list[CheckMessage]


@register
def who_calls_and_is_answered(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> Found:
    found: Found = []
    own = str(settings.ACS_CALLER_ID)
    if why := own and (
        _why_nobody(own) or ("" if target_of(own).kind == "phone" else f"{own} is no telephone number.")
    ):
        hint = "Give a number of the resource, like +15550199."
        found.append(Error(f"ACS_CALLER_ID: {why}", hint=hint, id="calls.E001"))
    for called in settings.AUTO_ANSWER:
        if called != "*" and (why := _why_nobody(called)):
            hint = "Give called numbers and ids, comma separated, or * for every call."
            found.append(Error(f"AUTO_ANSWER: {why}", hint=hint, id="calls.E002"))
    return found


@register
def what_callers_hear(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> Found:
    """A text, the name of a sound that is uploaded, or a file; a path without a file would be read out to callers."""
    said, path = str(settings.ANNOUNCEMENT), Path(str(settings.ANNOUNCEMENT))
    try:
        if said and path.is_file():
            prompt_of(path.read_bytes(), path.name)
        elif names_a_file(said) and len(path.parts) > 1:
            return [Error(f"ANNOUNCEMENT={said}: there is no such file.", hint="Correct the path.", id="calls.E003")]
    except UnplayableSound as error:
        return [Error(f"ANNOUNCEMENT: {error}", hint="Name another file, or a text.", id="calls.E003")]
    except (OSError, ValueError) as error:
        return [Error(f"ANNOUNCEMENT={said} cannot be read: {error}", hint="Correct the path.", id="calls.E003")]
    return []


def _why_nobody(given: str) -> str:
    try:
        target_of(given)
    except UncallableTarget as error:
        return str(error)
    return ""
