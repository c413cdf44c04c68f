"""Rules by which calls are answered, and the sounds that they announce: what people write is checked and kept right."""

import io
import re
import wave
from typing import Any

import numpy as np
import pytest
import soundfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from calls.models import AnswerRule, Prompt
from calls.services.incoming import options_of, rule_for
from tests.people import signed_in_staff

pytestmark = pytest.mark.django_db
RULES, SOUNDS = "/admin/calls/answerrule/", "/admin/calls/prompt/"
PLAIN = {"enabled": "on", "channels": "unmixed", "sample_rate": "16000", "announcement_required": "on"}


def faults(page: Any) -> str:
    """Every sentence of the form's errors."""
    errors = page.context["adminform"].form.errors
    return " ".join(sentence for sentences in errors.values() for sentence in sentences)


def a_sound(seconds: float = 1, rate: int = 44_100) -> bytes:
    content = io.BytesIO()
    tone = 0.3 * np.sin(np.arange(int(rate * seconds)) / rate * 440 * 2 * np.pi)
    soundfile.write(content, np.stack([tone, tone], 1), rate, format="FLAC")
    return content.getvalue()


def upload(client: Client, content: bytes, name: str = "", file: str = "greeting.flac", path: str = "add/") -> Any:
    return client.post(f"{SOUNDS}{path}", {"name": name, "file": SimpleUploadedFile(file, content)})


def test_it_keeps_a_rule_as_a_call_that_comes_in_finds_it(settings: Settings) -> None:
    ada = signed_in_staff("ada")
    Prompt.objects.create(name="greeting", wav=b"RIFF", duration_ms=3_000)
    form = ada.get(f"{RULES}add/").text
    assert '<option value="greeting">' in form
    assert "Only sounds: a spoken text needs ACS_COGNITIVE_ENDPOINT" in form
    assert "the four loudest speakers" in form
    assert "Not possible: ACS_COGNITIVE_ENDPOINT is unset." in form
    given = {
        **PLAIN,
        "called": "+1 (555) 0199-0",
        "announce": "greeting",
        "then_add": "+1 555 0101, 8:acs:r_olga\n\n",
    }
    assert ada.post(f"{RULES}add/", given).status_code == 302
    rule = rule_for("4:+155501990")
    assert rule
    assert options_of(rule).then_add == ("4:+15550101", "8:acs:r_olga")
    page = ada.get(f"{RULES}{rule.pk}/change/").text
    assert re.search(r"<textarea[^>]*>\s*\+15550101\n8:acs:r_olga</textarea>", page)
    assert "+15550101, 8:acs:r_olga" in ada.get(RULES).text

    assert ada.post(f"{RULES}add/", {**PLAIN, "called": "*", "announce": "", "then_add": ""}).status_code == 302
    assert rule_for("8:acs:anybody")
    settings.ACS_COGNITIVE_ENDPOINT = "https://ai.example"
    more = {"bidirectional": "on", "dtmf": "on", "transcription_locale": " de-DE "}
    spoken = {**given, **more, "announce": "This call is  recorded."}
    assert ada.post(f"{RULES}{rule.pk}/change/", spoken).status_code == 302
    rule.refresh_from_db()
    assert rule.announce == "This call is recorded."
    options = options_of(rule)
    assert (options.bidirectional, options.dtmf, options.transcription_locale) == (True, True, "de-DE")
    assert "unmixed, 16 kHz, keys, both ways, transcribed (de-DE)" in ada.get(RULES).text
    settings.AUTO_ANSWER = ["+15550142"]
    assert "Answered besides, as AUTO_ANSWER says: +15550142" in ada.get(RULES).text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"called": "0301234567"}, "write + and the country code"),
        ({"called": "+15550199", "then_add": "+15550101, Olga"}, "Olga cannot be called: write a number"),
        ({"called": "+15550199", "then_add": ",".join(f"+155501{n:02}" for n in range(11))}, "At most 10"),
        ({"called": "+15550199", "announce": "Hello"}, "needs ACS_COGNITIVE_ENDPOINT"),
        ({"called": "+15550199", "transcription_locale": "en-US"}, "Transcription needs ACS_COGNITIVE_ENDPOINT"),
        ({"called": "+15550199", "transcription_locale": "English"}, "'English' is no language like en-US or de-DE."),
    ],
)
def test_it_refuses_a_rule_that_could_not_work(wrong: dict[str, str], words: str) -> None:
    answer = signed_in_staff("ada").post(f"{RULES}add/", {**PLAIN, "announce": "", "then_add": "", **wrong})
    assert words in faults(answer)
    assert not AnswerRule.objects.exists()


def test_it_keeps_a_sound_as_acs_plays_it() -> None:
    ada = signed_in_staff("ada")
    assert upload(ada, a_sound(1.5)).status_code == 302
    prompt = Prompt.objects.get()
    assert (prompt.name, prompt.duration_ms) == ("greeting", 1_500)
    page = ada.get(f"{SOUNDS}{prompt.pk}/change/").text
    source = re.search(r'<audio [^>]*src="([^"]+)"', page)
    assert source
    assert source[1] in ada.get(SOUNDS).text
    heard = ada.get(source[1])
    assert heard.headers["Content-Type"] == "audio/wav"
    with wave.open(io.BytesIO(heard.content)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
        assert sound.getnframes() == 24_000
    assert signed_in_staff("olga").get(source[1]).status_code == 403
    assert signed_in_staff("olga").get(SOUNDS).status_code == 403

    rule = AnswerRule.objects.create(called="+15550199", announce="greeting")
    assert upload(ada, a_sound(2), "welcome", path=f"{prompt.pk}/change/").status_code == 302
    rule.refresh_from_db()
    prompt.refresh_from_db()
    assert (rule.announce, prompt.name, prompt.duration_ms) == ("welcome", "welcome", 2_000)
    assert ada.post(f"{SOUNDS}{prompt.pk}/change/", {"name": "hello"}).status_code == 302  # the sound stays
    prompt.refresh_from_db()
    assert (prompt.name, prompt.duration_ms) == ("hello", 2_000)

    assert "The rule for +15550199 announces" in ada.get(f"{SOUNDS}{prompt.pk}/delete/").text
    ada.post(f"{SOUNDS}{prompt.pk}/delete/", {"post": "yes"})
    assert Prompt.objects.exists()
    rule.delete()
    assert ada.post(f"{SOUNDS}{prompt.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Prompt.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"no sound at all" * 100, "it cannot be read as sound; convert it to WAV"),
        (a_sound(0.5)[:40], "cannot be"),
    ],
)
def test_it_refuses_what_is_no_sound_in_its_own_words(content: bytes, words: str) -> None:
    assert words in faults(upload(signed_in_staff("ada"), content))
    assert not Prompt.objects.exists()


def test_it_asks_for_a_file() -> None:
    assert "Choose a sound file." in faults(signed_in_staff("ada").post(f"{SOUNDS}add/", {"name": "x"}))
