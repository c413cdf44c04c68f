"""The commands: `serve` (what is done when none is named) and `probe`. Reads arguments, prints, ends with a sentence
where something is wrong."""

import argparse
import asyncio
import contextlib
import ipaddress
import itertools
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from acs_emulator import probe
from acs_emulator.errors import BadWebhook, Pointless, Refused, TooOpen
from acs_emulator.events.grid import Schema, Subscription
from acs_emulator.keys import DEVELOPMENT_KEY
from acs_emulator.media.connection import without_query
from acs_emulator.record import Record
from acs_emulator.rest.body import is_address
from acs_emulator.scenario import Scenario
from acs_emulator.server import serving
from acs_emulator.tls import Authority
from acs_emulator.tokens import ISSUER, JWKS_PATH
from acs_emulator.world import World

COMMANDS = ("serve", "probe")

# Between two handshakes with a webhook that is not there: the application often starts a moment later.
SOON, SOON_TIMES, LATER = 2.0, 30, 15.0


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0] not in COMMANDS and given[0] not in {"-h", "--help"}):
        given.insert(0, "serve")
    asked = _parser().parse_args(given)
    if asked.command == "probe":
        return probe.run(asked)
    try:
        asyncio.run(_serve(asked))
    except Refused as refused:
        print(refused, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m acs_emulator", description="Call Automation on localhost.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the emulator (also without this word)")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=int, default=9900, help="port to listen on (9900); 0: a free one")
    serve.add_argument("--key", default=DEVELOPMENT_KEY, help="access key, base64 (a well-known one)")
    serve.add_argument("--scenario", help="a YAML file, or the name of one that is shipped (scenarios/README.md)")
    serve.add_argument("--tls", action="store_true", help="https and wss, by an authority made on this machine")
    serve.add_argument("--identity-tokens", action="store_true", help="also take any Azure identity's token")
    serve.add_argument("--events", action="append", default=[], metavar="URL", help="webhook for Event Grid's events")
    serve.add_argument("--cloud-events", action="store_true", help="those webhooks speak CloudEvents")
    serve.add_argument("--record", type=Path, metavar="FILE", help="write down what media sockets really carried")
    serve.add_argument("--record-audio", action="store_true", help="with the PCM")
    probing = commands.add_parser("probe", help="do to a media socket what the service does, and name the fault")
    probe.add_arguments(probing)
    return parser


async def _serve(asked: argparse.Namespace) -> None:
    """Until SIGINT or SIGTERM. Raises Refused."""
    if asked.key == DEVELOPMENT_KEY and not _is_local(asked.host):
        raise TooOpen(host=asked.host)
    for option, given, needed in (
        ("--record-audio", asked.record_audio and not asked.record, "--record FILE"),
        ("--cloud-events", asked.cloud_events and not asked.events, "--events URL"),
    ):
        if given:
            raise Pointless(option=option, needed=needed)
    webhooks = _webhooks(asked)
    authority = Authority(names=[asked.host]) if asked.tls else None
    world = World(
        Scenario.load(asked.scenario) if asked.scenario else Scenario(),
        key=asked.key,
        identity_tokens=asked.identity_tokens,
        record=Record(asked.record, audio=asked.record_audio),
        trust=authority.trust() if authority else None,
    )
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    tls = authority.server_context() if authority else None
    async with serving(world, asked.host, asked.port, tls) as url:
        for line in _lines(world, url, authority):
            print(line)  # noqa: T201
        print("ready", flush=True)  # noqa: T201
        for webhook in webhooks:
            world.spawn(_subscribe(world, webhook), "subscribing")
        await ended.wait()


def _lines(world: World, url: str, authority: Authority | None) -> list[str]:
    lines = [
        f"url={url}",
        f"key={world.key}",
        f"connection_string=endpoint={url}/;accesskey={world.key}",
        f"resource_id={world.resource_id}",
        f"jwks_url={url}{JWKS_PATH}",
        f"issuer={ISSUER}",
        f"page={url}/emulator/",
    ]
    return lines + (authority.lines() if authority else [])


async def _subscribe(world: World, subscription: Subscription) -> None:
    """The application may start after the emulator, or be down for an hour: tries until the handshake is done."""
    where, told = without_query(subscription.url), ""
    for attempt in itertools.count(1):
        if await world.grid.subscribe(subscription):
            _say(f"{where} has subscribed: it is told of incoming calls.")
            return
        if subscription.why != told:
            told = subscription.why
            _say(f"No handshake with {where} yet: {told}. Incoming calls are not told to it; trying again…")
        await asyncio.sleep(SOON if attempt < SOON_TIMES else LATER)
        if subscription.valid:  # by hand, meanwhile
            _say(f"{where} has subscribed by hand.")
            return


def _webhooks(asked: argparse.Namespace) -> list[Subscription]:
    """Raises BadWebhook."""
    schema: Schema = "cloudevents" if asked.cloud_events else "eventgrid"
    for url in asked.events:
        if not is_address(url, "http", "https"):
            raise BadWebhook(url=url)
    return [Subscription(url, schema) for url in asked.events]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
