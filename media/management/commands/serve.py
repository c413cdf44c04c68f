"""`manage.py serve`: the server. Opens the spool and the archiver, then listens; closes them after the last socket."""

import os
import sys
from socket import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from calls import desk
from config.serving import leaving, listening, pidfile
from config.serving.stop import Stop
from config.serving.supervising import say_goodbye, supervise
from config.serving.watch import watch
from media import runtime


class Command(BaseCommand):
    help = "Records and serves, on HOST:PORT. SIGTERM or Ctrl-C ends it cleanly; a second one waits for nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Stop()
        stop.listen()
        sockets, recording = self._open()
        runtime.install(recording)
        watch(settings.SPOOL_DIR, migrate=True)
        supervise()
        self._serve(recording, sockets, stop)
        say_goodbye()
        desk.close(2)
        leaving.put_away(recording, stop)
        pidfile.remove(settings.VAR_DIR)
        leaving.leave(0)

    def _open(self) -> tuple[list[socket], runtime.Runtime]:
        """What must be had before anything runs; or a sentence, and the end."""
        try:
            settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            sys.exit(f"VAR_DIR={settings.VAR_DIR} cannot be written ({error.strerror}). Name a folder of your own.")
        try:
            sockets = listening.bind(settings.HOST, settings.PORT, settings.VAR_DIR)
            recording = runtime.Runtime.open()
        except listening.CannotListen as error:
            sys.exit(str(error))
        except OSError as error:
            sys.exit(f"The spool cannot be opened in SPOOL_DIR={settings.SPOOL_DIR}: {error}")
        try:
            listening.listen(sockets, settings.VAR_DIR)
        except listening.CannotListen as error:
            recording.close(0)
            self.stderr.write(str(error))
            leaving.leave(1)
        return sockets, recording

    def _serve(self, recording: runtime.Runtime, sockets: list[socket], stop: Stop) -> None:
        from config.asgi import application

        if settings.SERVER == "daphne":
            from config.serving.daphne_server import run
        else:
            from config.serving.uvicorn_server import run
        run(
            application,
            sockets,
            stop,
            listening=self._announce,
            drained=lambda: leaving.drain(recording, stop, settings.DRAIN_SECONDS),
        )

    def _announce(self) -> None:
        running = pidfile.Running(os.getpid(), settings.HOST, settings.PORT, settings.SERVER)
        try:
            if not pidfile.write(settings.VAR_DIR, running):
                self.stderr.write(f"server.pid and server.json in {settings.VAR_DIR} stay those of the server before.")
        except OSError as error:
            self.stderr.write(f"No server.pid: VAR_DIR={settings.VAR_DIR} cannot be written ({error.strerror}).")
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        self.stdout.write(f"Listening on http://{host}:{settings.PORT}")
        self.stdout.flush()
