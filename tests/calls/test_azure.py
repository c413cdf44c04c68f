"""`manage.py azure`: lines that a shell understands, filled in with what is known; its webhook is our own door."""

import re
import shlex
import subprocess
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from calls.azure_cli import called_filter
from calls.models import AnswerRule

pytestmark = pytest.mark.django_db


def azure(*words: str) -> str:
    out = StringIO()
    call_command("azure", *words, stdout=out)
    return out.getvalue()


def commands(script: str) -> list[list[str]]:
    """Each command's words, as a shell splits them; $(…) stays one word."""
    joined = script.replace("\\\n", " ")
    return [shlex.split(line, comments=True) for line in joined.splitlines() if shlex.split(line, comments=True)]


def option(script: str, name: str, start: str) -> str:
    found = next(words for words in commands(script) if " ".join(words).startswith(start))
    return found[found.index(name) + 1]


def test_it_is_a_script_with_clear_gaps_where_nothing_is_known() -> None:
    script = azure()
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=True, capture_output=True).stderr == ""
    assert option(script, "--name", "az communication create") == "<name of the resource>"
    assert option(script, "--resource-group", "az communication create") == "<resource group>"
    assert option(script, "--endpoint", "az eventgrid") == "<PUBLIC_URL>/acs/events?key=<ACS_EVENTS_KEY>"
    last = script.splitlines()[-1]
    for unset in ("PUBLIC_URL", "ACS_CONNECTION_STRING", "ACS_RESOURCE_ID", "ACS_EVENTS_KEY", "--group"):
        assert unset in last


def test_it_fills_in_what_the_settings_say(settings: Settings) -> None:
    settings.PUBLIC_URL, settings.PORT = "https://recorder.example", 8123
    settings.ACS_CONNECTION_STRING = (
        "endpoint=https://acme-acs.unitedstates.communication.azure.com/;accesskey=c2VjcmV0"
    )
    settings.ACS_RESOURCE_ID, settings.ACS_CALLER_ID = ["11111111-2222"], "+15550199"
    settings.ACS_EVENTS_KEY, settings.AUTO_ANSWER = "a key & more", ["+1 555 0142", "*", "not a number"]
    AnswerRule.objects.create(called="+15550143")
    AnswerRule.objects.create(called="+15550144", enabled=False)
    script = azure("--group", "my group")
    assert "c2VjcmV0" not in script
    assert "az communication create" not in script  # it exists
    assert option(script, "--name", "az communication show") == "acme-acs"
    assert option(script, "--resource-group", "az communication show") == "my group"
    assert "StringIn +15550143 +15550142\n" in script
    assert "devtunnel host -p 8123 --allow-anonymous" in script
    assert script.splitlines()[-1] == "# Everything is set."
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)

    # The address that Event Grid is given is the one that answers its handshake.
    endpoint = option(script, "--endpoint", "az eventgrid")
    door = endpoint.removeprefix("https://recorder.example")
    asked = [{"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": "c0de"}}]
    headers = {"aeg-event-type": "SubscriptionValidation"}
    answer = Client(headers=headers).post(door, asked, content_type="application/json", headers={"host": "localhost"})
    assert answer.json() == {"validationResponse": "c0de"}


def test_it_filters_on_the_number_that_calls_are_placed_from_where_no_rule_names_another(settings: Settings) -> None:
    settings.ACS_CALLER_ID = "+15550199"
    assert "data.to.phoneNumber.value StringIn +15550199\n" in azure()
    assert "data.to.phoneNumber.value StringIn +4930123456\n" in azure("--number", "+49 30 123456")
    with pytest.raises(CommandError, match="write \\+ and the country code"):
        azure("--number", "030123456")


def test_it_filters_on_raw_ids_where_somebody_has_no_number() -> None:
    assert called_filter(("+15550199", "8:acs:r_bot")) == "data.to.rawId StringIn 4:+15550199 8:acs:r_bot"
    assert len(re.findall(r"\+1555", called_filter(tuple(f"+1555{number:07}" for number in range(40))))) == 25
