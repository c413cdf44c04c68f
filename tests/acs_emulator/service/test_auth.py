"""Who may send requests: the key's HMAC as the real SDK makes it, in both forms of the host."""

from datetime import UTC, datetime, timedelta

import pytest
from azure.communication.callautomation import CallAutomationClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError

from acs_emulator.keys import DEVELOPMENT_KEY
from acs_emulator.rest import auth
from acs_emulator.rest.errors import ApiError
from acs_emulator.testing import Emulator, emulator
from tests.acs_emulator.service.application import Application
from tests.acs_emulator.service.conftest import ADA, OURS
from tests.acs_emulator.service.plain import ask

# A request that the SDK 1.6.0 signed, literally.
SIGNED = {
    "Host": "127.0.0.1:9900",
    "x-ms-date": "Sun, 22 Nov 2026 10:38:49 GMT",
    "x-ms-content-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
}
THEN = datetime(2026, 11, 22, 10, 38, 49, tzinfo=UTC)
PATH = "/calling/callConnections/a-call?api-version=2026-03-12"


def signed(path: str, host: str, key: str = DEVELOPMENT_KEY) -> dict[str, str]:
    text = f"GET\n{path}\n{SIGNED['x-ms-date']};{host};{SIGNED['x-ms-content-sha256']}"
    proof = f"HMAC-SHA256 SignedHeaders={auth.SIGNED_HEADERS}&Signature={auth.signature(text, key)}"
    return {**SIGNED, "Authorization": proof}


@pytest.mark.parametrize("host", ["127.0.0.1:9900", "127.0.0.1:9900/"])
def test_it_takes_both_forms_of_the_host(host: str) -> None:
    auth.check("GET", PATH, signed(PATH, host), b"", DEVELOPMENT_KEY, THEN)


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_takes_the_sdk_with_and_without_a_slash(acs: Emulator, application: Application, slash: str) -> None:
    client = CallAutomationClient(acs.url + slash, AzureKeyCredential(acs.key))
    assert client.create_call(ADA, application.callbacks, source_caller_id_number=OURS).call_connection_id


def test_it_refuses_another_key(acs: Emulator, application: Application) -> None:
    client = CallAutomationClient(acs.url, AzureKeyCredential("bm90IHRoZSBrZXk="))
    with pytest.raises(ClientAuthenticationError) as refused:
        client.create_call(ADA, application.callbacks, source_caller_id_number=OURS)
    assert refused.value.status_code == 401
    assert refused.value.error is not None
    assert refused.value.error.code == "7509"
    assert "access key" in str(refused.value)
    assert not acs.do(lambda world: world.calls)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"Authorization": ""}, "Authorization header is missing"),
        ({"Authorization": "Bearer a-token"}, "start the emulator with --identity-tokens"),
        ({"x-ms-content-sha256": "bm90IGl0"}, "hash of the body"),
        ({"x-ms-date": "Mon, 23 Nov 2026 10:38:49 GMT"}, "does not match"),
        ({"Host": "elsewhere:9900"}, "does not match"),
    ],
)
def test_it_says_what_is_wrong_with_a_proof(changed: dict[str, str], why: str) -> None:
    with pytest.raises(ApiError, match=why) as refused:
        auth.check("GET", PATH, signed(PATH, SIGNED["Host"]) | changed, b"", DEVELOPMENT_KEY, THEN)
    assert (refused.value.status, refused.value.code) == (401, "7509")


@pytest.mark.parametrize(("off", "words"), [(20, "20 minutes slow"), (-90, "90 minutes fast")])
def test_it_says_that_a_clock_is_wrong(off: int, words: str) -> None:
    auth.check("GET", PATH, signed(PATH, SIGNED["Host"]), b"", DEVELOPMENT_KEY, THEN + timedelta(minutes=off / 10))
    with pytest.raises(ApiError, match=words) as refused:
        auth.check("GET", PATH, signed(PATH, SIGNED["Host"]), b"", DEVELOPMENT_KEY, THEN + timedelta(minutes=off))
    assert (refused.value.status, refused.value.code) == (401, "7509")


@pytest.mark.parametrize("acs_scenario", ["clock: 1h"])
def test_a_service_with_another_time_takes_nobody(acs: Emulator, client: CallAutomationClient) -> None:
    with pytest.raises(ClientAuthenticationError, match=r"x-ms-date is .* 60 minutes slow|59 minutes slow"):
        client.create_call(ADA, "https://app.example/callbacks", source_caller_id_number=OURS)


def test_it_takes_identities_when_told_so() -> None:
    with emulator(identity_tokens=True) as acs:
        answer = ask(acs.url, "GET", PATH, headers={"Authorization": "Bearer of-an-identity"})
    assert (answer.status, answer.json["error"]["code"]) == (404, "8522")
