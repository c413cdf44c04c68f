"""Keeps others away from the control page and API: web pages that a developer happens to have open, who must not place
calls or read the journal, and other machines, who must have the key. Pure but for the request that it is given."""

import base64
import binascii
import hmac
import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


def guard(key: str) -> Middleware:
    """403 for another origin, or for a foreign name that was made to point here (DNS rebinding); 401 for another
    machine without the key as the password of HTTP's basic authentication."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/emulator"):
            origin = request.headers.get("Origin")
            if origin and urlsplit(origin).netloc != request.host:
                return _refused(f"Requests from {origin} are not taken here.")
            if _is_local(request.remote):
                if not _is_local(urlsplit(f"//{request.host}").hostname):
                    return _refused(f"{request.host} is no name of this machine: use localhost or its address.")
            elif not _has_key(request.headers.get("Authorization", ""), key):
                return _asked()
        return await handler(request)

    return guarded


def _refused(why: str) -> web.Response:
    return web.json_response({"detail": why}, status=403)


def _asked() -> web.Response:
    detail = {"detail": "From another machine the control page wants the access key as password, with any user."}
    return web.json_response(detail, status=401, headers={"WWW-Authenticate": 'Basic realm="ACS emulator"'})


def _has_key(authorization: str, key: str) -> bool:
    scheme, _, given = authorization.partition(" ")
    try:
        password = base64.b64decode(given, validate=True).partition(b":")[2]
    except binascii.Error:
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(password, key.encode())


def _is_local(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return (host or "").lower().rstrip(".") == "localhost"
