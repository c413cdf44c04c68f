"""Each webhook is told in its own form."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import Env
from media.alarms.bodies import Said, body, plain

SAID = Said("Alarm: one-sided call", "Of <Olga> & co. nothing.\nSince noon.", "https://r/s/1/", False, {"kind": "x"})


@pytest.mark.parametrize("address", ["https://hooks.slack.com/services/T/B/x", "slack+https://chat.example.com/hook"])
def test_slack_gets_text_in_which_nothing_is_markup(address: str) -> None:
    text = "Alarm: one-sided call\nOf &lt;Olga&gt; &amp; co. nothing.\nSince noon.\nhttps://r/s/1/"
    assert body(address, SAID) == {"text": text}


@pytest.mark.parametrize(
    "address",
    [
        "https://contoso.webhook.office.com/webhookb2/x",
        "https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y",
        "https://default.1.environment.api.powerplatform.com/powerautomate/x",
        "teams+https://proxy.example.com/hook",
    ],
)
def test_teams_gets_a_card_with_a_button(address: str) -> None:
    said = body(address, SAID)
    (attached,) = said["attachments"]
    assert (said["type"], attached["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    card = attached["content"]
    assert [line["text"] for line in card["body"]] == [
        "Alarm: one-sided call",
        "Of <Olga> & co. nothing.",
        "Since noon.",
    ]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Look", "url": "https://r/s/1/"}]
    assert (card["type"], card["body"][0]["color"]) == ("AdaptiveCard", "Attention")


def test_others_get_text_and_facts() -> None:
    said = body("https://example.com/slack.com", SAID)
    assert said == {"text": f"{SAID.subject}\n{SAID.text}\n{SAID.url}", "kind": "x"}


def test_the_prefix_is_no_part_of_the_address() -> None:
    found = Env({"X": "teams+https://a/1, https://b/2"}).webhooks("X")
    assert [plain(address) for address in found] == ["https://a/1", "https://b/2"]
    with pytest.raises(ImproperlyConfigured, match="must begin with https://"):
        Env({"X": "other+https://a/1"}).webhooks("X")
