"""The emulator as a server: one aiohttp application on one port. Knows how it is built and started, nothing else."""

import errno
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from acs_emulator.control.guard import guard
from acs_emulator.control.routes import Control
from acs_emulator.errors import NoSuchAddress, PortTaken
from acs_emulator.media.socket import plain
from acs_emulator.rest.door import Door
from acs_emulator.tokens import JWKS_PATH, OPENID_PATH
from acs_emulator.world import World

LARGEST_BODY = 4 << 20


def application(world: World) -> web.Application:
    """Every route: the service's own and the control page's."""
    built = web.Application(client_max_size=LARGEST_BODY, middlewares=[guard(world.key)])

    async def jwks(request: web.Request) -> web.Response:
        return web.json_response(world.tokens.jwks())

    async def openid(request: web.Request) -> web.Response:
        return web.json_response(world.tokens.openid(world.base_url))

    built.router.add_get(JWKS_PATH, jwks)
    built.router.add_get(OPENID_PATH, openid)
    Door(world).add_to(built)
    Control(world).add_to(built)
    return built


@asynccontextmanager
async def serving(
    world: World, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Yields the base URL while the world runs behind it; port 0: a free one. Raises PortTaken, NoSuchAddress."""
    runner = web.AppRunner(application(world), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, ssl_context=tls)
        await _listen(site, host, port)
        bound = runner.addresses[0][1]
        world.base_url = f"{'https' if tls else 'http'}://{reachable(host)}:{bound}"
        await world.open()
        try:
            yield world.base_url
        finally:
            await world.close()
    finally:
        await runner.cleanup()


async def _listen(site: web.TCPSite, host: str, port: int) -> None:
    try:
        await site.start()
    except OSError as wrong:
        if wrong.errno == errno.EADDRINUSE:
            raise PortTaken(host=host, port=port) from None
        raise NoSuchAddress(host=host, port=port, reason=plain(wrong)) from None
    except OverflowError:
        raise NoSuchAddress(host=host, port=port, reason="ports are 0 to 65535") from None


def reachable(host: str) -> str:
    """How a URL on this machine names the address that is listened on."""
    if host in {"", "0.0.0.0"}:  # noqa: S104  (all of IPv4)
        return "127.0.0.1"
    return f"[{'::1' if host == '::' else host}]" if ":" in host else host
