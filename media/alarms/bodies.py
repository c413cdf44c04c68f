"""What a webhook is sent, in the form that it understands: Slack, Teams, or anybody else. Pure."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SLACK = ("hooks.slack.com", "hooks.slack-gov.com")
TEAMS = (".webhook.office.com", ".logic.azure.com", ".api.powerplatform.com", ".api.powerautomate.com")
PREFIXES = ("slack+", "teams+")


@dataclass(frozen=True, slots=True)
class Said:
    """An incident as people are told of it; `facts` are for programs."""

    subject: str
    text: str
    url: str
    over: bool
    facts: dict[str, Any]

    @property
    def key(self) -> str:
        """By which who gets it twice can tell."""
        return f"{self.facts['id']}-{self.facts['state']}"


def plain(address: str) -> str:
    """The address itself, without the word before it that says whose form it wants."""
    return next((address.removeprefix(prefix) for prefix in PREFIXES if address.startswith(prefix)), address)


def body(address: str, said: Said) -> dict[str, Any]:
    """By the prefix (`slack+https://…`, `teams+https://…`), else by the host; others get the text and the facts."""
    host = urlsplit(plain(address)).hostname or ""
    text = f"{said.subject}\n{said.text}" + (f"\n{said.url}" if said.url else "")
    if address.startswith("slack+") or host in SLACK:
        return {"text": _for_slack(text)}
    if address.startswith("teams+") or host.endswith(TEAMS):
        return _card(said)
    return {"text": text, **said.facts}


def _for_slack(text: str) -> str:
    """Slack's three reserved characters; names of people must not become mentions."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _card(said: Said) -> dict[str, Any]:
    """An adaptive card in a message: what the webhooks of Teams' workflows take, and its older connectors too."""
    lines = [
        _line(said.subject, weight="Bolder", size="Medium", color="Good" if said.over else "Attention"),
        *(_line(line) for line in said.text.splitlines()),
    ]
    actions = [{"type": "Action.OpenUrl", "title": "Look", "url": said.url}] if said.url else []
    schema = "http://adaptivecards.io/schemas/adaptive-card.json"
    card = {"$schema": schema, "type": "AdaptiveCard", "version": "1.4", "body": lines, "actions": actions}
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _line(text: str, **style: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **style}
