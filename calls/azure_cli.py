"""What is to be typed at Azure for an installation: lines of a shell, filled in as far as the settings know. Pure; the
flags are those of the Azure CLI's own reference (az communication, az eventgrid event-subscription)."""

import shlex
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from calls.identifiers import display_of, target_of

MOST_VALUES = 25  # that an advanced filter of Event Grid holds


@dataclass(frozen=True, slots=True)
class Installation:
    """What is known; "" is unset. `called`: numbers and ids whose calls come here."""

    group: str = ""
    name: str = ""
    endpoint: str = ""
    region: str = "westeurope"
    public_url: str = ""
    port: int = 8000
    events_key: str = ""
    resource_id: str = ""
    caller_id: str = ""
    cognitive_endpoint: str = ""
    called: tuple[str, ...] = ()

    @property
    def resource(self) -> str:
        """The resource's name: as given, else the first part of its endpoint's host."""
        return self.name or (urlsplit(self.endpoint).hostname or "").partition(".")[0]


def script(known: Installation) -> str:
    """The whole text: comments and commands, in the order in which they are needed."""
    parts = (_resource, _number, _speech, _reachable, _events, _check)
    numbered = (f"# {number}. {heading}\n{body}" for number, (heading, body) in enumerate((p(known) for p in parts), 1))
    return "\n\n".join([*numbered, _unset(known)]) + "\n"


def _resource(known: Installation) -> tuple[str, str]:
    at = _at(known)
    make = [
        "az extension add --name communication",
        f"az group create --name {_group(known)} --location {_q(known.region)}",
        f"az communication create {at} --location Global --data-location 'United States'",
    ]
    if known.endpoint:
        make = [f"# it exists: {known.endpoint}"]
    settings = [
        "# ACS_CONNECTION_STRING:",
        f"az communication list-key {at} --query primaryConnectionString --output tsv",
        "# ACS_RESOURCE_ID, the immutable id" + (f"; set to {known.resource_id}:" if known.resource_id else ":"),
        f"az communication show {at} --query immutableResourceId --output tsv",
    ]
    return "The Communication Services resource", "\n".join(make + settings)


def _number(known: Installation) -> tuple[str, str]:
    heading = "A telephone number: bought in the portal (the resource, Phone numbers), with calling for applications"
    key = f'"$(az communication list-key {_at(known)} --query primaryConnectionString --output tsv)"'
    listed = f"az communication phonenumber list --connection-string {key} --output table"
    said = f"# ACS_CALLER_ID, from which calls are placed{_now(known.caller_id)}:"
    return heading, f"{said}\n{listed}"


def _speech(known: Installation) -> tuple[str, str]:
    heading = "Only for spoken texts and transcription: Azure AI services, and the resource's identity that may use it"
    account = _q(f"{known.resource}-speech" if known.resource else "<name of the AI services resource>")
    where = f"--name {account} --resource-group {_group(known)}"
    show = f"az cognitiveservices account show {where}"
    identity = f"az communication show {_at(known)} --query identity.principalId --output tsv"
    lines = [
        f"az cognitiveservices account create {where} --kind AIServices --sku S0 --location {_q(known.region)}"
        f" --custom-domain {account} --yes",
        f"az communication identity assign {_at(known)} --system-assigned",
        "az role assignment create --role 'Cognitive Services User' --assignee-principal-type ServicePrincipal \\",
        f'    --assignee-object-id "$({identity})" \\',
        f'    --scope "$({show} --query id --output tsv)"',
        f"# ACS_COGNITIVE_ENDPOINT{_now(known.cognitive_endpoint)}:",
        f"{show} --query properties.endpoint --output tsv",
    ]
    return heading, "\n".join(lines)


def _reachable(known: Installation) -> tuple[str, str]:
    lines = [
        f"# PUBLIC_URL{_now(known.public_url)}: https://… with a certificate that ACS trusts; wss:// follows from it.",
        "# On a laptop a tunnel and TRUSTED_PROXIES=127.0.0.1; PUBLIC_URL must be the address that it prints. One of:",
        f"#   devtunnel host -p {known.port} --allow-anonymous      (after: devtunnel user login)",
        f"#   ngrok http {known.port}",
        f"#   cloudflared tunnel --url http://127.0.0.1:{known.port}",
    ]
    return "How ACS reaches this server", "\n".join(lines)


def _events(known: Installation) -> tuple[str, str]:
    heading = "Incoming calls: Event Grid tells this server (start it before, it answers the validation)"
    key = [] if known.events_key else ["# ACS_EVENTS_KEY is unset; make one, set it, and print these lines again:"]
    key += [] if known.events_key else ["openssl rand -hex 24"]
    create = (
        "az eventgrid event-subscription create --name {name} \\\n"
        f'    --source-resource-id "$(az communication show {_at(known)} --query id --output tsv)" \\\n'
        f"    --endpoint-type webhook --endpoint {_q(webhook(known))} \\\n"
        "    --included-event-types {types}"
    )
    incoming = create.format(name="recorder-incoming", types="Microsoft.Communication.IncomingCall")
    witness = "Microsoft.Communication.CallStarted Microsoft.Communication.CallEnded"
    lines = [
        "az provider register --namespace Microsoft.EventGrid",
        "# Only what is called: without the filter the legs of our own calls ring here too.",
        f"{incoming} \\\n    --advanced-filter {called_filter(known.called)}",
        "# And as a witness of calls whose callbacks were lost:",
        create.format(name="recorder-witness", types=witness),
    ]
    return heading, "\n".join(key + lines)


def _check(known: Installation) -> tuple[str, str]:
    lines = [
        "python manage.py doctor",
        'python -m acs_emulator probe "$(python manage.py mediaurl)"      # best from another machine',
    ]
    return "Whether it all holds", "\n".join(lines)


def called_filter(called: tuple[str, ...]) -> str:
    """An advanced filter on whom a call is for: by number, or by raw id where somebody has no number. Filters are
    joined by AND, so it is one."""
    if not called:
        return f"data.to.phoneNumber.value StringIn {_q('<your number, +1…>')}"
    raw_ids = [target_of(who).raw_id for who in called[:MOST_VALUES]]
    if all(raw_id.startswith("4:") for raw_id in raw_ids):
        return "data.to.phoneNumber.value StringIn " + " ".join(_q(display_of(raw_id)) for raw_id in raw_ids)
    return "data.to.rawId StringIn " + " ".join(map(_q, raw_ids))


def webhook(known: Installation) -> str:
    key = quote(known.events_key, safe="") or "<ACS_EVENTS_KEY>"
    return f"{known.public_url or '<PUBLIC_URL>'}/acs/events?key={key}"


def _unset(known: Installation) -> str:
    """What the lines could not know."""
    wanted = {
        "PUBLIC_URL": known.public_url,
        "ACS_CONNECTION_STRING (or ACS_ENDPOINT and ACS_ACCESS_KEY)": known.endpoint,
        "ACS_RESOURCE_ID": known.resource_id,
        "ACS_CALLER_ID": known.caller_id,
        "ACS_EVENTS_KEY": known.events_key,
        "the called numbers (AUTO_ANSWER, rules in the admin, or --number)": known.called,
        "the resource group (--group)": known.group,
    }
    missing = [name for name, value in wanted.items() if not value]
    return f"# Not known yet: {', '.join(missing)}." if missing else "# Everything is set."


def _at(known: Installation) -> str:
    return f"--name {_q(known.resource or '<name of the resource>')} --resource-group {_group(known)}"


def _group(known: Installation) -> str:
    return _q(known.group or "<resource group>")


def _now(value: str) -> str:
    return f", now {value}" if value else ""


def _q(word: str) -> str:
    """Quoted for a shell; a placeholder pasted as it is does no harm."""
    return shlex.quote(word)
