"""Keeps other people's web pages away from the control API: a page that a developer happens to have open must not place
calls or read the journal. Pure but for the request that it is given."""

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 for another origin, or for a foreign name that was made to point here (DNS rebinding)."""
    if request.path.startswith("/emulator"):
        origin = request.headers.get("Origin")
        if origin and urlsplit(origin).netloc != request.host:
            return _refused(f"Requests from {origin} are not taken here.")
        if _is_local(request.remote) and not _is_local(urlsplit(f"//{request.host}").hostname):
            return _refused(f"{request.host} is no name of this machine: use localhost or its address.")
    return await handler(request)


def _refused(why: str) -> web.Response:
    return web.json_response({"detail": why}, status=403)


def _is_local(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return (host or "").lower().rstrip(".") == "localhost"
