"""Who is meant, and how to write it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acs_emulator.calls.identifiers import model_of
from calls.errors import UncallableTarget
from calls.identifiers import Target, display_of, kind_of, number_of, raw_id_of, short_of, target_of

GUID = "9c2c4f8e-1111-4222-8333-444455556666"


@pytest.mark.parametrize(
    ("model", "raw_id"),
    [
        ({"rawId": "8:acs:r_u", "communicationUser": {"id": "8:acs:other"}}, "8:acs:r_u"),
        ({"kind": "communicationUser", "communicationUser": {"id": "8:acs:r_u"}}, "8:acs:r_u"),
        ({"phoneNumber": {"value": "+15550100"}}, "4:+15550100"),
        ({"microsoftTeamsUser": {"userId": GUID}}, f"8:orgid:{GUID}"),
        ({"microsoftTeamsUser": {"userId": GUID, "cloud": "gcch"}}, f"8:gcch:{GUID}"),
        ({"microsoftTeamsUser": {"userId": GUID, "isAnonymous": True}}, f"8:teamsvisitor:{GUID}"),
        ({"microsoftTeamsApp": {"appId": GUID, "cloud": "dod"}}, f"28:dod:{GUID}"),
        ({"teamsExtensionUser": {"resourceId": "r", "tenantId": "t", "userId": "u"}}, "8:acs:r_t_u"),
        ({"teamsExtensionUser": {"resourceId": "r", "userId": "u"}}, ""),
        ({"rawId": "x" * 301}, ""),
        ({"kind": "unknown"}, ""),
        ({}, ""),
        (None, ""),
        ("8:acs:r_u", ""),
        ({"rawId": 7, "phoneNumber": "+1"}, ""),
    ],
)
def test_it_reads_an_identifier_with_or_without_its_raw_id(model: Any, raw_id: str) -> None:
    assert raw_id_of(model) == raw_id


@pytest.mark.parametrize(
    ("raw_id", "kind", "number", "display"),
    [
        ("4:+15550100", "phone", "+15550100", "+15550100"),
        ("4:+15550100_123", "phone", "+15550100", "+15550100"),
        ("4:anonymous", "phone", "", "withheld number"),
        ("4:911", "phone", "", "911"),
        ("8:acs:r_u", "acs", "", "8:acs:r_u"),
        ("8:gcch-acs:r_u", "acs", "", "8:gcch-acs:r_u"),
        ("8:orgid:g", "teams", "", "8:orgid:g"),
        ("28:orgid:g", "bot", "", "28:orgid:g"),
        ("whoever", "unknown", "", "whoever"),
        ("", "unknown", "", ""),
    ],
)
def test_it_says_what_people_read(raw_id: str, kind: str, number: str, display: str) -> None:
    assert (kind_of(raw_id), number_of(raw_id), display_of(raw_id)) == (kind, number, display)


def test_long_ids_are_told_apart_by_their_ends() -> None:
    user = "8:acs:1b5cc06b-f352-4571-b1e6-d9b259b7c776_00000017-ac0c-99c6-593a-0b34d2a9a9d1"
    assert short_of(user) == "8:acs:…d2a9a9d1"
    assert short_of("8:orgid:82e1bb64-5f5c-44f0-9a8a-8a7a6b1d2a7b") == "8:orgid:…6b1d2a7b"
    assert short_of("x" * 40) == "…xxxxxxxx"
    for known in ("4:+15550100_7", "4:anonymous", "8:acs:res_ben"):
        assert short_of(known) == display_of(known)


@pytest.mark.parametrize(
    ("given", "target", "value"),
    [
        ("+15550100", Target("4:+15550100", "phone"), "+15550100"),
        (" 4:+15550100 ", Target("4:+15550100", "phone"), "+15550100"),
        ("tel:+1-555-0100", Target("4:+15550100", "phone"), "+15550100"),
        ("+49 (0)30 / 123-456", Target("4:+4930123456", "phone"), "+4930123456"),
        ("+49 (30) 123\u00a0456", Target("4:+4930123456", "phone"), "+4930123456"),
        ("\u202a+4930123456\u202c", Target("4:+4930123456", "phone"), "+4930123456"),
        ("+４９30123456", Target("4:+4930123456", "phone"), "+4930123456"),
        ("8:acs:r_u", Target("8:acs:r_u", "acs"), "8:acs:r_u"),
        (f"8:orgid:{GUID}", Target(f"8:orgid:{GUID}", "teams"), GUID),
        (f"28:orgid:{GUID}", Target(f"28:orgid:{GUID}", "bot"), GUID),
        (f"28:{GUID}", Target(f"28:{GUID}", "bot"), GUID),
    ],
)
def test_it_takes_what_can_be_called(given: str, target: Target, value: str) -> None:
    assert target_of(given) == target
    assert target_of(given).value == value


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("0049 30 123456", "0049 30 123456 cannot be called: write +4930123456, with + in place of 00."),
        ("030 123456", "030 123456 cannot be called: write + and the country code before it, like +4930123456."),
        ("112", "112 cannot be called: write + and the country code before it, like +4930123456."),
        ("+030123456", "no country code begins with 0"),
        ("+4930", "a number has 7 to 15 digits after the +, and this has 4."),
        ("+4930123456789012", "and this has 16."),
        ("+1-800-FLOWERS", "write a number like +4930123456"),
        ("olga@example.com", "write 8:orgid:"),
        ("sip:olga@example.com", "ACS calls no SIP addresses"),
        (GUID, "write 8:orgid: before it"),
        ("4:anonymous", "4:anonymous cannot be called: the caller withheld the number."),
        ("4:0049301234567", "write +49301234567"),
        ("8:teamsvisitor:x", "a visitor of a Teams meeting"),
        ("8:acs:", "the id after the prefix is missing."),
        ("8:acs:a b", "an id holds no spaces, and nothing that cannot be seen."),
        ("8:acs:a\u200b", "an id holds no spaces, and nothing that cannot be seen."),
        ("19:meeting_x@thread.v2", "ACS calls no e-mail addresses"),
        ("9:x", "ACS knows no such kind of id"),
        ("", "Nothing cannot be called: write a number like +4930123456"),
        ("8:acs:" + "x" * 300, "an id has at most 300 characters."),
    ],
)
def test_it_says_how_to_write_what_cannot(given: str, sentence: str) -> None:
    with pytest.raises(UncallableTarget) as refused:
        target_of(given)
    assert sentence in str(refused.value)


@given(st.text())
def test_it_makes_a_number_or_an_error_of_any_text(given: str) -> None:
    try:
        target = target_of(given)
    except UncallableTarget:
        return
    assert target.kind == kind_of(target.raw_id) != "unknown"
    assert target.kind != "phone" or re.fullmatch(r"4:\+[1-9][0-9]{6,14}", target.raw_id)
    assert target_of(target.raw_id) == target


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from([" ", "-", ".", "/", "\u00a0", "–", ""]))
def test_it_finds_the_number_under_its_ornament(number: str, between: str) -> None:
    assert target_of(number[0] + between.join(number[1:])).raw_id == f"4:{number}"


@pytest.mark.parametrize(
    "raw_id", ["4:+15550100", "8:acs:r_u", "8:orgid:g", "8:gcch:g", "8:teamsvisitor:v", "28:orgid:a"]
)
def test_it_reads_back_what_the_emulator_writes(raw_id: str) -> None:
    model = model_of(raw_id)
    assert raw_id_of(model) == raw_id_of({**model, "rawId": ""}) == raw_id
