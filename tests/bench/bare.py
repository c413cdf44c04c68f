"""Servers that store nothing, to compare with: `python -m tests.bench.bare {uvicorn|daphne} {empty|pulled|stock}`.

They serve with the product's own functions, so with its options, on HOST:PORT. After SIGTERM the last line says how
many audio frames they have parsed.
"""

import asyncio
import json
import os
import sys
from typing import Any

import django

from config.answers import Application, Receive, Scope, Send
from media.ingest.ingest import PULL_SECONDS
from media.ingest.pulling import Pull, pull_of
from media.stream.packets import AudioData
from media.stream.wire import decode


class Empty:
    """The product's receive loop without what follows: parse, and forget."""

    def __init__(self) -> None:
        self.frames = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await self._read(scope, receive)

    async def _read(self, scope: Scope, receive: Receive) -> None:
        while True:
            event = await receive()
            message = event.get("text")
            if message is None:
                if event["type"] == "websocket.disconnect":
                    return
                message = event.get("bytes") or b""
            if type(decode(message)) is AudioData:
                self.frames += 1


class Pulled(Empty):
    """The same for messages that are pulled, as the product does."""

    def __init__(self) -> None:
        super().__init__()
        self.pulls: list[Pull] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self.pulling = asyncio.create_task(self._pull())
        await super().__call__(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive) -> None:
        pull = pull_of(scope)
        self.pulls.append(pull)
        await super()._read(scope, receive)
        self.pulls.remove(pull)

    async def _pull(self) -> None:
        while True:
            await asyncio.sleep(PULL_SECONDS)
            for pull in self.pulls:
                for message in pull():
                    if type(decode(message)) is AudioData:
                        self.frames += 1


class Stock:
    """Channels' own consumer, parsing with the standard library as its documentation does."""

    def __init__(self) -> None:
        from channels.generic.websocket import AsyncWebsocketConsumer

        counted = self
        self.frames = 0

        class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc]
            async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
                if "audioData" in json.loads(text_data or "{}"):
                    counted.frames += 1

        self.consumer: Any = Consumer.as_asgi()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self.consumer(scope, receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


def serve(application: Application, server: str) -> None:
    """Until SIGTERM."""
    from config.serving import listening
    from config.serving.stop import Stop

    if server == "daphne":
        from config.serving.daphne_server import run
    else:
        from config.serving.uvicorn_server import run
    from django.conf import settings

    stop = Stop()
    stop.listen()
    sockets = listening.bind(settings.HOST, settings.PORT, settings.VAR_DIR)
    listening.listen(sockets, settings.VAR_DIR)
    run(application, sockets, stop, listening=lambda: None, drained=stop.wait)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    server, kind = sys.argv[1:]
    kinds: dict[str, type[Empty | Stock]] = {"empty": Empty, "pulled": Pulled, "stock": Stock}
    application = kinds[kind]()
    serve(application, server)
    sys.stdout.write(f"{application.frames}\n")
    sys.stdout.flush()
    os._exit(0)  # as the product ends; an ordinary exit would tear down the servers' unfinished tasks with many words


if __name__ == "__main__":
    main()
