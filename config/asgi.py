"""Every door: health, ACS's sockets, and Django behind the rest. `manage.py serve` opens what they stand on."""

import os
import re
from uuid import UUID

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_asgi_application()  # before anything that imports models

from django.conf import settings  # noqa: E402
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware  # noqa: E402

from config import metrics  # noqa: E402
from config.access_log import AccessLog  # noqa: E402
from config.answers import Application, Receive, Scope, Send, refuse_socket, respond, without_body  # noqa: E402
from config.health import PATHS as HEALTH  # noqa: E402
from config.health import health  # noqa: E402
from config.sizes import limited  # noqa: E402
from media import running  # noqa: E402
from media.ingest.consumers import MediaSocketConsumer  # noqa: E402
from media.live.board_socket import board_socket  # noqa: E402
from media.live.listen_socket import listen_socket  # noqa: E402

START = "Start this with: python manage.py serve"
UPGRADE = "This is a WebSocket door, and it is reachable: give ACS the wss:// form of this URL.\n"
MEDIA = "/acs/media"
BOARD = "/ws/board"
LISTEN = re.compile(r"/ws/sessions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/listen", re.IGNORECASE)

acs_media = MediaSocketConsumer.as_asgi()


async def doors(scope: Scope, receive: Receive, send: Send) -> None:
    """One scope of any kind to whom it concerns."""
    if scope["type"] == "http":
        await http(scope, receive, send)
    elif scope["type"] == "websocket":
        await socket(scope, receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    path = scope["path"]
    if scope["method"] == "HEAD":
        send = without_body(send)
    if path in HEALTH:
        await health(scope, send)
    elif path == metrics.PATH:
        await metrics.door(scope, send)
    elif path == MEDIA or path.startswith(MEDIA + "/"):
        headers = [(b"upgrade", b"websocket"), (b"connection", b"upgrade")]
        await respond(send, 426, UPGRADE, headers=headers)
    else:
        await limited(django, scope, receive, send)  # type: ignore[arg-type]


async def socket(scope: Scope, receive: Receive, send: Send) -> None:
    """No Origin check at ACS's door: ACS sends none, and the token is the proof. Browsers' doors have one."""
    path = scope["path"].rstrip("/")
    if path == BOARD:
        await board_socket(dict(scope), receive, send)
    elif found := LISTEN.fullmatch(path):
        await listen_socket(dict(scope), receive, send, UUID(found[1]))
    elif path != MEDIA and path.rpartition("/")[0] != MEDIA:
        await refuse_socket(scope, send, 404, "There is no socket here.\n")
    elif running.current() is None:
        await refuse_socket(scope, send, 503, f"{START}\n")
    else:
        await acs_media(scope, receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    """Refuses a server that was started around `manage.py serve`: it would answer, and record nothing."""
    await receive()
    if running.current() is None:
        await send({"type": "lifespan.startup.failed", "message": START})
        return
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


application: Application = AccessLog(doors)
if settings.TRUSTED_PROXIES:
    # Only what these hosts forward is believed; scheme and client address then stand in the scope, for Django too.
    application = ProxyHeadersMiddleware(application, settings.TRUSTED_PROXIES)  # type: ignore[arg-type, assignment]
