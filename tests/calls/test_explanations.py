"""What operators read of ACS's numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acs_emulator.calls import results
from acs_emulator.rest.errors import fitting
from calls.codes import SIP, SUB_CODES
from calls.explanations import (
    Explanation,
    explain,
    explain_http,
    explain_identity,
    explain_nonsense,
    explain_silence,
    explain_timeout,
)

# ACS.md 5.3
DOCUMENTED = """0 7000 7504 7507 7509 7015 8500 8501 8510 8514 8519 8520 8522 8523 8528 8531 8532 8533 8535 8536 8545
    8567 8578 8579 8580 8581 8583 8585 8586 8587 8603 8604 8605 12323"""
ANSWERED = (400, 401, 403, 404, 405, 408, 409, 412, 415, 422, 429, 500, 502, 503, 504)


def readable(found: Explanation) -> bool:
    return all(text and text[0].isupper() and text.endswith(".") and "{" not in text for text in found[:2])


@pytest.mark.parametrize("sub_code", [int(number) for number in DOCUMENTED.split()])
def test_it_has_words_and_advice_for_every_documented_sub_code(sub_code: int) -> None:
    found = explain(200 if sub_code in {0, 7000} else 400, sub_code, "Theirs.")
    assert found.known
    assert readable(found)
    assert f"/{sub_code}: Theirs." in found.theirs


def test_it_has_words_for_all_that_the_emulator_says() -> None:
    said = [value for value in vars(results).values() if isinstance(value, results.Result)]
    said += results.REFUSALS.values()
    assert len(said) > 12
    for result in said:
        found = explain(*result)
        assert found.known, result
        assert readable(found)


@pytest.mark.parametrize("words", [*SUB_CODES.values(), *SIP.values()])
def test_it_writes_whole_sentences(words: tuple[str, str]) -> None:
    assert readable(Explanation(*words, True)) or "{at}" in words[0]
    assert len(words[0]) <= 80


@pytest.mark.parametrize(
    ("code", "sub_code", "words"),
    [
        (486, 560486, "The line was busy."),
        (486, 540486, "The line was busy."),
        (486, 0, "The line was busy."),
        (486, None, "The line was busy."),
        (603, 560603, "The called person declined."),
        (603, 0, "The called person declined."),
        (404, 560404, "This number does not exist."),
        (480, 560480, "Nobody answered, or the telephone is switched off."),
        (503, 560503, "The telephone network is out of order or full."),
        (487, 10004, "Nobody answered in time."),
        (405, 8522, "Something is missing that had to be set when the call was answered."),
        (404, 8522, "ACS does not find this call or person."),
        (0, 0, "It worked."),
        (0, 560000, "The telephone call ended normally."),
    ],
)
def test_it_tells_who_said_no(code: int, sub_code: int | None, words: str) -> None:
    assert explain(code, sub_code).words == words


def test_it_names_our_socket_where_it_could_not_be_reached() -> None:
    found = explain(400, 8581, "Action failed, Transport url is not valid.", where="wss://calls.example.com")
    assert found.words == "ACS could not reach our media socket at wss://calls.example.com."
    assert "probe" in found.advice
    assert found.theirs == "ACS 400/8581: Action failed, Transport url is not valid."
    assert explain(400, 8581).words == "ACS could not reach our media socket."


def test_it_says_so_where_it_does_not_know() -> None:
    found = explain(400, 8999, "Something new.")
    assert not found.known
    assert found.theirs == "ACS 400/8999: Something new."
    assert not explain(None, None).known
    assert explain(None, None).theirs == ""
    assert explain(299, 8999).words == "It worked."


@pytest.mark.parametrize("status", ANSWERED)
def test_it_explains_a_refusal_with_and_without_a_body(status: int) -> None:
    bare, full = explain_http(status), explain_http(status, "SomethingNew", "Their words.")
    assert bare.known
    assert readable(bare)
    assert full[:3] == bare[:3]
    assert bare.theirs == f"ACS answered {status}"
    assert full.theirs == f"ACS answered {status}/SomethingNew: Their words."


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (401, None, "the key is wrong, or this machine's clock"),
        (401, "7509", "Compare ACS_ACCESS_KEY"),
        (403, "7507", "The caller's number does not belong to this ACS resource. Set ACS_CALLER_ID"),
        (404, "8522", "ACS does not find this call or person."),
        (409, 8585, "The call is not in a state for this."),
        (409, "", "This is not possible in the call's present state."),
        (412, "8583", "The call is not prepared for this, or another action is in the way."),
        (400, "8523", "ACS does not accept a value of the request."),
        (418, "Denied", "ACS does not allow us this."),
        (418, "", "ACS refused the request."),
        (599, "0", "ACS failed."),
    ],
)
def test_it_reads_their_code_before_the_status(status: int, code: str | int | None, said: str) -> None:
    assert said in explain_http(status, code).sentence


def test_a_call_that_is_brought_about_has_no_state_and_no_other_action() -> None:
    for status, code in ((409, None), (409, 8585), (412, "8583")):
        said = explain_http(status, code, begins=True).sentence
        assert said.startswith("ACS does not bring this call about now. ACS's words may say why."), said
    assert explain_http(404, "8522", begins=True) == explain_http(404, "8522")


def test_a_call_that_comes_in_and_is_not_found_rings_no_longer() -> None:
    found = explain_http(404, "8522", "Incoming call not found.", begins=True, rings=True)
    assert found.words == "The caller gave up, or somebody else answered."
    assert explain_http(409, "8519", rings=True).words != found.words


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("The field CallbackUri is invalid.", "Set PUBLIC_URL to an https address"),
        ("The field mediaStreamingOptions.transportUrl is invalid.", "ACS does not accept our socket."),
        ("The field sourceCallerIdNumber is required.", "Set ACS_CALLER_ID"),
        ("The field targets is invalid.", "ACS does not accept whom to call."),
        ("The field shoeSize is invalid.", "ACS does not accept"),
    ],
)
def test_it_knows_whose_mistake_a_field_is(message: str, said: str) -> None:
    for found in (explain_http(400, "8523", message), explain_http(400, "", message), explain(400, 8523, message)):
        assert said in found.sentence
        assert found.theirs.endswith(message)
        assert readable(found)
    assert "PUBLIC_URL" not in explain_http(404, "8522", "No callbackUri.").sentence


def test_it_tells_no_answer_from_a_late_one() -> None:
    found = explain_silence("Name or service not known", where="acs.example.com")
    assert found.words == "ACS cannot be reached at acs.example.com."
    assert found.sentence.endswith("(Name or service not known)")
    assert explain_silence().theirs == ""
    late = explain_timeout(where="acs.example.com")
    assert late.words == "ACS at acs.example.com did not answer in time, so nobody knows whether it did this."
    assert readable(late)


def test_it_explains_every_usual_refusal_of_the_emulator() -> None:
    for status in ANSWERED:
        error = fitting(status)
        found = explain_http(status, error.code, error.message)
        assert found.known
        assert error.message in found.theirs


def test_it_repeats_no_secret_and_nothing_that_cannot_be_stored() -> None:
    message = "Transport url wss://calls.example.com/acs/media/eyJhbGciOi.x.y is not\0 valid, see ?key=abc."
    for found in (explain(400, 8581, message), explain_http(400, "8523", message), explain_silence(message)):
        assert "wss://calls.example.com/acs/media/… is not\ufffd valid, see ?key=…" in found.sentence
        assert "eyJ" not in found.sentence
        assert "abc" not in found.sentence


def test_it_puts_all_in_one_line() -> None:
    assert explain(200, 7000, "The conversation\r\nhas ended.").sentence == (
        "The call ended normally. (ACS 200/7000: The conversation has ended.)"
    )
    assert len(explain(400, 1, "x" * 10_000).sentence) < 1_000


@given(st.integers() | st.none(), st.integers() | st.none(), st.text())
def test_it_always_has_words(code: int | None, sub_code: int | None, message: str) -> None:
    assert readable(explain(code, sub_code, message))
    assert readable(explain_http(code or 0, str(sub_code), message))


def test_it_has_words_for_what_is_not_acs_and_for_nobody_we_could_be() -> None:
    found = explain_nonsense(200, where="acs.example")
    assert (found.words, found.theirs) == ("What answered at acs.example is not ACS.", "It answered 200")
    assert "ACS_ACCESS_KEY" in explain_identity("EnvironmentCredential is unavailable").sentence
