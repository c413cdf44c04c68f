"""`manage.py demo`: the whole product on this machine, with one call in it. Starts the server as a child process."""

import asyncio
import os
import signal
import sys
import uuid
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.urls import reverse

from media import services, sounds
from media.acs_client import Score, Sent, StreamFailed, StreamLost, stream
from media.demo import make_sounds
from media.demo.people import NameTaken, Person, demo_person
from media.demo.server import Server, ServerFailed, free_port
from media.progress import Progress

LANES = {"4:+15550100001": "caller", "8:acs:demo_agent": "agent"}
READY_SECONDS = 60.0


class Command(BaseCommand):
    help = "Starts the server, makes a user and streams a call of about a minute into it. Ctrl-C ends it all."
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
        except (ServerFailed, StreamFailed, NameTaken, sounds.UnreadableSound) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            folder = error.filename or settings.VAR_DIR
            raise CommandError(f"{folder}: {error.strerror}. Name a folder of your own in VAR_DIR.") from error

    def run(self) -> None:
        port = free_port(settings.HOST, settings.PORT)
        if port != settings.PORT:
            self.say(f"Port {settings.PORT} is taken; using {port}.")
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        self.say(f"Starting the server; its data is in {settings.VAR_DIR} …")
        server = Server(f"http://{host}:{port}", environment(port), settings.VAR_DIR / "server.log")
        try:
            server.wait_until_ready(self.say)
            person = demo_person()
            made = services.make_media_url(server.base, label="Demo: where is my parcel?", user=person.user)
            session = cast(uuid.UUID, made.session_id)  # one of its own, because the URL is not reusable
            connection.close()
            self.say_where(server, person, session)
            asyncio.run(self.play(server, made.url, person.token, session))
        finally:
            self.say("Stopping the server …")
            server.stop()

    def say_where(self, server: Server, person: Person, session: uuid.UUID) -> None:
        self.fact(f"url={server.base}/")
        self.fact(f"user={person.user.username}")
        self.fact(f"password={person.password}")
        self.fact(f"token={person.token}")
        self.fact(f"session={session}")
        self.fact(f"pid={server.process.pid}")
        page = reverse("media:session", args=[session])
        self.say(f"A call comes in. Sign in and watch it: {server.base}{page}")

    async def play(self, server: Server, url: str, token: str, session: uuid.UUID) -> None:
        """The call, and then nothing, until Ctrl-C. Raises the first failure of all that runs side by side."""
        score = Score(
            {raw_id: sounds.read(make_sounds.FOLDER / f"{name}.ogg", 16_000) for raw_id, name in LANES.items()}
        )
        parts = [
            asyncio.create_task(self.stream(server, url, score)),
            asyncio.create_task(self.say_when_ready(server, token, session)),
            asyncio.create_task(self.watch(server)),
        ]
        try:
            await asyncio.gather(*parts)
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def stream(self, server: Server, url: str, score: Score) -> None:
        """Plays the call; the bar comes after `ready`, so that they do not run into each other."""
        bar = Progress("call", score.seconds, sys.stderr)

        def progress(sent: Sent) -> None:
            if self.ready:
                bar.show(sent.seconds)

        try:
            sent = await stream(url, score, progress=progress)
        except StreamLost:
            await asyncio.sleep(0.5)
            server.check()  # its end explains more than the socket's
            raise
        bar.end(sent.seconds)
        self.say("The call is over; it can be heard again. The server runs on until Ctrl-C.")

    async def say_when_ready(self, server: Server, token: str, session: uuid.UUID) -> None:
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

    async def watch(self, server: Server) -> None:
        while True:
            server.check()
            await asyncio.sleep(0.2)

    def fact(self, line: str) -> None:
        """For programs: a line on stdout, at once."""
        self.stdout.write(line)
        self.stdout.flush()

    def say(self, line: str) -> None:
        """For people: a line on stderr."""
        print(line, file=sys.stderr, flush=True)


def environment(port: int) -> dict[str, str]:
    """The server's: ours, but on this port and for this machine alone."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"PUBLIC_URL", "ALLOWED_HOSTS"}}
    here = {"HOST": settings.HOST, "PORT": str(port), "VAR_DIR": str(settings.VAR_DIR), "MEDIA_SOCKET_AUTH": "url"}
    return {**inherited, **here, "PYTHONUNBUFFERED": "1"}
