"""Our raw ids and keys as the SDK's values."""

from typing import Any

import azure.communication.callautomation as sdk


def identifier(raw_id: str) -> Any:
    """The SDK's identifier of a raw id (ACS.md 2.4)."""
    if raw_id.startswith("4:"):
        return sdk.PhoneNumberIdentifier(raw_id[2:])
    for prefix, cloud in (("8:orgid:", "PUBLIC"), ("8:dod:", "DOD"), ("8:gcch:", "GCCH")):
        if raw_id.startswith(prefix):
            return sdk.MicrosoftTeamsUserIdentifier(
                raw_id.removeprefix(prefix), cloud=sdk.CommunicationCloudEnvironment[cloud]
            )
    for prefix, cloud in (("28:orgid:", "PUBLIC"), ("28:dod:", "DOD"), ("28:gcch:", "GCCH")):
        if raw_id.startswith(prefix):
            return sdk.MicrosoftTeamsAppIdentifier(
                raw_id.removeprefix(prefix), cloud=sdk.CommunicationCloudEnvironment[cloud]
            )
    return sdk.CommunicationUserIdentifier(raw_id)


def phone(raw_id: str) -> Any:
    return sdk.PhoneNumberIdentifier(raw_id.removeprefix("4:")) if raw_id else None


TONES = {
    **dict(
        zip("0123456789", ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), strict=True)
    ),
    **{letter: letter for letter in "abcd"},
    "#": "pound",
    "*": "asterisk",
}
