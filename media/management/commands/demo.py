"""`manage.py demo`: the whole product on this machine, with one call in it. Starts the server and the ACS emulator as
child processes, and places the call as any program would: through the REST API."""

import asyncio
import os
import secrets
import signal
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.urls import reverse

from media.demo.emulator import Emulator
from media.demo.people import AGENT, CALLER, NameTaken, Person, demo_person, name_people
from media.demo.server import Server, ServerFailed, free_port
from media.management.progress import Progress

OUR_NUMBER = "+15550100199"
CALL_SECONDS = 63.0
READY_SECONDS = 60.0
DECIDED_HERE = {"PUBLIC_URL", "ALLOWED_HOSTS", "ACS_CONNECTION_STRING", "ACS_CALLBACK_AUTH", "ANNOUNCEMENT"}


class Command(BaseCommand):
    help = "Starts the server and the ACS emulator, makes a user and places a call of a minute. Ctrl-C ends it all."
    requires_system_checks: list[str] = []
    ready = False

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins with it ignored
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
        try:
            self.run()
        except KeyboardInterrupt:
            self.say("The demo has ended.")
        except (ServerFailed, NameTaken) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            folder = error.filename or settings.VAR_DIR
            raise CommandError(f"{folder}: {error.strerror}. Name a folder of your own in VAR_DIR.") from error

    def run(self) -> None:
        port, emulator_port = self.port("Port", settings.PORT), self.port("Emulator port", settings.EMULATOR_PORT)
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        base, key = f"http://{host}:{port}", secrets.token_urlsafe(16)
        Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
        self.say(f"Starting the server and the ACS emulator; their data is in {settings.VAR_DIR} …")
        emulator = Emulator(emulator_port, f"{base}/acs/events?key={key}", settings.VAR_DIR / "emulator.log")
        try:
            variables = {**environment(port), **emulator.environment(key, OUR_NUMBER)}
            self.serve(Server(base, variables, settings.VAR_DIR / "server.log"), emulator)
        finally:
            emulator.stop()

    def serve(self, server: Server, emulator: Emulator) -> None:
        try:
            server.wait_until_ready(self.say)
            person = demo_person()
            name_people()
            connection.close()
            asyncio.run(self.play(server, emulator, person))
        finally:
            self.say("Stopping the server …")
            server.stop()

    async def play(self, server: Server, emulator: Emulator, person: Person) -> None:
        """The call, and then nothing, until Ctrl-C. Raises the first failure of all that runs side by side."""
        payload = {"to": [CALLER.removeprefix("4:"), AGENT], "note": "Demo: where is my parcel?"}
        call = await asyncio.to_thread(server.post, "/api/v1/calls", person.token, payload)
        self.say_where(server, person, call["session_id"])
        parts = [
            asyncio.create_task(self.follow(server, emulator, person.token, call)),
            asyncio.create_task(self.watch(server, emulator)),
        ]
        try:
            await asyncio.gather(*parts)
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    def say_where(self, server: Server, person: Person, session: str) -> None:
        self.fact(f"url={server.base}/")
        self.fact(f"user={person.user.username}")
        self.fact(f"password={person.password}")
        self.fact(f"token={person.token}")
        self.fact(f"session={session}")
        self.fact(f"pid={server.process.pid}")
        page = reverse("media:session", args=[session])
        self.say(f"A call is being placed. Sign in and watch it: {server.base}{page}")

    async def follow(self, server: Server, emulator: Emulator, token: str, call: dict[str, Any]) -> None:
        """Until the first frames are stored, then with a bar until the call is over."""
        await self.say_when_ready(server, token, call["session_id"])
        self.say(f"Join it with your own voice: {emulator.facts['page']} (Join as caller). More calls: {server.base}/")
        bar = Progress("call", CALL_SECONDS, sys.stderr)
        while (now := await self.seen(server, f"/api/v1/calls/{call['id']}", token))["state"] not in {
            "ended",
            "failed",
        }:
            session = await self.seen(server, f"/api/v1/sessions/{call['session_id']}", token)
            bar.show(session["duration_ms"] / 1000)
            await asyncio.sleep(1)
        bar.end(CALL_SECONDS)
        self.say(f"The call is over ({now['end_reason']}) It can be heard again. The server runs on until Ctrl-C.")

    async def seen(self, server: Server, path: str, token: str) -> dict[str, Any]:
        """Asks until there is an answer: a server that is busy, or being stopped, is no end of the demo."""
        while True:
            try:
                return await asyncio.to_thread(server.get, path, token)
            except (OSError, ValueError):
                await asyncio.sleep(1)

    async def say_when_ready(self, server: Server, token: str, session: str) -> None:
        """Once the REST API says that the session is being recorded: its first frames are on disk."""
        why = ""
        for _ in range(round(READY_SECONDS / 0.2)):
            try:
                found = await asyncio.to_thread(server.get, f"/api/v1/sessions/{session}", token)
                if found["state"] == "recording" and found["frames"]["stored"]:
                    self.fact("ready")
                    self.ready = True
                    return
                why = f"it is {found['state']}: {found['reason']}"
            except (OSError, ValueError) as error:
                why = str(error)
            await asyncio.sleep(0.2)
        raise ServerFailed(f"The call is not being recorded after {READY_SECONDS:.0f} s ({why}). {server.last_words()}")

    async def watch(self, server: Server, emulator: Emulator) -> None:
        while True:
            server.check()
            emulator.check()
            await asyncio.sleep(0.2)

    def port(self, name: str, wanted: int) -> int:
        """The one that is asked for, or the next free one, named."""
        port = free_port(settings.HOST if name == "Port" else "127.0.0.1", wanted)
        if port != wanted:
            self.say(f"{name} {wanted} is taken; using {port}.")
        return port

    def fact(self, line: str) -> None:
        """For programs: a line on stdout, at once."""
        self.stdout.write(line)
        self.stdout.flush()

    def say(self, line: str) -> None:
        """For people: a line on stderr."""
        print(line, file=sys.stderr, flush=True)


def environment(port: int) -> dict[str, str]:
    """The server's: ours, but on this port and for this machine alone."""
    inherited = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in DECIDED_HERE}
    here = {"HOST": settings.HOST, "PORT": str(port), "VAR_DIR": str(settings.VAR_DIR), "MEDIA_SOCKET_AUTH": "url"}
    return {**inherited, **here, "PYTHONUNBUFFERED": "1"}
