"""Prompts that last as long as they last, keys, and recognition."""

import time
from pathlib import Path
from typing import Any

import pytest
from azure.communication.callautomation import (
    CallConnectionClient,
    CommunicationUserIdentifier,
    DtmfTone,
    FileSource,
    RecognitionChoice,
    TextSource,
)
from azure.core.exceptions import HttpResponseError

from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, wav
from tests.busy import allowance, kept_waiting

BOT = CommunicationUserIdentifier("8:acs:res_bot")
PRESSES = 'participants: {"+15550100": {presses: [{at: 1s, tones: "%s"}]}}'


@pytest.fixture(autouse=True)
def sure(tmp_path: Path) -> None:
    """A short sound beside the scenario."""
    (tmp_path / "sure.wav").write_bytes(wav(0.4))


def sub_code(data: dict[str, Any]) -> int:
    code: int = data["resultInformation"]["subCode"]
    return code


def test_a_prompt_lasts_as_long_as_it_is(
    leg: CallConnectionClient, application: Application, prompt: FileSource
) -> None:
    leg.play_media([prompt, prompt], operation_context="twice")
    started = application.wait("PlayStarted", operationContext="twice").at
    assert 1.1 < application.wait("PlayCompleted", operationContext="twice").at - started < 4


def test_prompts_wait_for_each_other(leg: CallConnectionClient, application: Application, prompt: FileSource) -> None:
    leg.play_media(prompt, operation_context="first")
    leg.play_media(prompt, operation_context="second")
    application.wait("PlayCompleted", operationContext="second")
    kinds = [kind for kind in application.kinds() if kind.startswith("Play")]
    assert kinds == ["PlayStarted", "PlayCompleted", "PlayStarted", "PlayCompleted"]


def test_a_prompt_can_interrupt(leg: CallConnectionClient, application: Application, prompt: FileSource) -> None:
    leg.play_media(prompt, loop=True, operation_context="for ever")
    application.wait("PlayStarted")
    leg.play_media(prompt, operation_context="now", interrupt_call_media_operation=True)
    assert sub_code(application.wait("PlayCanceled", operationContext="for ever").data) == 8508
    application.wait("PlayCompleted", operationContext="now")


@pytest.mark.parametrize(("path", "expected"), [("/nothing.wav", 8536), ("/words.txt", 8535)])
def test_it_says_which_prompt_failed(
    leg: CallConnectionClient, application: Application, prompt: FileSource, path: str, expected: int
) -> None:
    application.files["/words.txt"] = b"no sound"
    leg.play_media([prompt, FileSource(application.address(path))])
    failed = application.wait("PlayFailed").data
    assert (sub_code(failed), failed["failedPlaySourceIndex"]) == (expected, 1)


def test_the_end_of_the_call_ends_a_prompt(
    leg: CallConnectionClient, application: Application, prompt: FileSource
) -> None:
    leg.play_media(prompt, loop=True)
    application.wait("PlayStarted")
    leg.hang_up(is_for_everyone=True)
    assert sub_code(application.wait("PlayFailed").data) == 8528
    application.wait("CallDisconnected")
    assert application.kinds()[-1] == "CallDisconnected"


@pytest.mark.parametrize("acs_scenario", [PRESSES % "12#"])
def test_it_hears_keys(leg: CallConnectionClient, application: Application) -> None:
    leg.start_continuous_dtmf_recognition(ADA, operation_context="keys")
    application.wait("ContinuousDtmfRecognitionToneReceived", 3, operationContext="keys")
    heard = [received.data for received in application.of("ContinuousDtmfRecognitionToneReceived")]
    assert [(data["tone"], data["sequenceId"]) for data in heard] == [("one", 1), ("two", 2), ("pound", 3)]


@pytest.mark.parametrize(
    ("acs_scenario", "options", "expected"),
    [
        (PRESSES % "1234", {"dtmf_max_tones_to_collect": 3}, (8531, ["one", "two", "three"])),
        (PRESSES % "12#", {"dtmf_stop_tones": [DtmfTone.POUND]}, (8514, ["one", "two"])),
        (PRESSES % "12", {"dtmf_inter_tone_timeout": 1}, (8532, ["one", "two"])),
    ],
)
def test_it_collects_keys(
    leg: CallConnectionClient, application: Application, options: dict[str, Any], expected: tuple[int, list[str]]
) -> None:
    leg.start_recognizing_media("dtmf", ADA, operation_context="pin", **options)
    recognized = application.wait("RecognizeCompleted", operationContext="pin").data
    assert (sub_code(recognized), recognized["dtmfResult"]["tones"]) == expected
    assert recognized["recognitionType"] == "dtmf"


def test_it_waits_after_the_prompt_for_a_key(
    leg: CallConnectionClient, application: Application, prompt: FileSource
) -> None:
    asked, waited = time.monotonic(), kept_waiting()
    leg.start_recognizing_media("dtmf", ADA, play_prompt=prompt, initial_silence_timeout=1)
    failed = application.wait("RecognizeFailed")
    assert sub_code(failed.data) == 8510
    assert 1.5 < failed.at - asked < 2.5 + allowance(2.5, kept_waiting() - waited)


@pytest.mark.parametrize("acs_scenario", [PRESSES % "5"])
def test_a_key_interrupts_the_prompt(leg: CallConnectionClient, application: Application) -> None:
    long = TextSource(text="a long story " * 20, voice_name="en-US-NancyNeural")
    leg.start_recognizing_media("dtmf", ADA, play_prompt=long, interrupt_prompt=True, dtmf_max_tones_to_collect=1)
    assert application.wait("RecognizeCompleted", seconds=10).data["dtmfResult"]["tones"] == ["five"]


@pytest.mark.parametrize(
    "acs_scenario", ['participants: {"+15550100": {says: [{sound: sure.wav, at: 1s, text: "Sure, why not"}]}}']
)
def test_a_word_interrupts_the_prompt(leg: CallConnectionClient, application: Application) -> None:
    long = TextSource(text="a long story " * 20, voice_name="en-US-NancyNeural")
    leg.start_recognizing_media("speech", ADA, play_prompt=long, interrupt_prompt=True)
    assert application.wait("RecognizeCompleted", seconds=10).data["speechResult"]["speech"] == "Sure, why not"


CHOICES = [RecognitionChoice(label="yes", phrases=["yes", "sure"], tone=DtmfTone.ONE)]
SAYS = 'participants: {"+15550100": {says: [{sound: sure.wav, at: 1s, text: "Sure, why not"}]}}'


@pytest.mark.parametrize(
    ("acs_scenario", "expected"),
    [(PRESSES % "91", (8533, {"label": "yes"})), (SAYS, (8545, {"label": "yes", "recognizedPhrase": "sure"}))],
)
def test_it_recognizes_choices(
    leg: CallConnectionClient, application: Application, expected: tuple[int, dict[str, str]]
) -> None:
    leg.start_recognizing_media("choices", ADA, choices=CHOICES, initial_silence_timeout=10)
    recognized = application.wait("RecognizeCompleted", seconds=20).data
    assert sub_code(recognized) == expected[0]
    assert expected[1].items() <= recognized["choiceResult"].items()


@pytest.mark.parametrize("acs_scenario", [SAYS])
def test_it_recognizes_what_the_scenario_says(leg: CallConnectionClient, application: Application) -> None:
    leg.start_recognizing_media("speech", ADA, initial_silence_timeout=10)
    recognized = application.wait("RecognizeCompleted", seconds=20).data
    assert recognized["speechResult"]["speech"] == "Sure, why not"


def test_nothing_comes_after_the_end(leg: CallConnectionClient, application: Application) -> None:
    leg.send_dtmf_tones(["one", "two"], ADA)
    leg.hang_up(is_for_everyone=True)
    application.wait("CallDisconnected")
    application.none_within(0.8, "SendDtmfTonesCompleted")


def test_music_on_hold_must_be_there(leg: CallConnectionClient, application: Application) -> None:
    leg.hold(ADA, play_source=FileSource(application.address("/nothing.wav")), operation_context="hold")
    assert sub_code(application.wait("HoldFailed", operationContext="hold").data) == 8536


def test_it_plays_to_nobody_who_is_not_there(leg: CallConnectionClient, prompt: FileSource) -> None:
    with pytest.raises(HttpResponseError, match="8522"):
        leg.play_media(prompt, [BOT])


def test_it_ships_the_sounds_of_its_page() -> None:
    page = Path("acs_emulator/control/static/page.js").read_text(encoding="utf-8")
    for path in Path("acs_emulator/voices").glob("*.ogg"):
        assert f'"{path.name}"' in page
