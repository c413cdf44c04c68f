"""`manage.py serve`: the server. Opens the spool and the archiver, then listens; closes them after the last socket."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.serving import leaving, listening, pidfile
from config.serving.stop import Stop
from config.serving.watch import watch
from media import runtime


class Command(BaseCommand):
    help = "Records and serves, on HOST:PORT. SIGTERM or Ctrl-C ends it cleanly; a second one waits for nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Stop()
        stop.listen()
        try:
            sockets = listening.bind(settings.HOST, settings.PORT, settings.VAR_DIR)
            recording = runtime.Runtime.open()
        except listening.CannotListen as error:
            sys.exit(str(error))
        except OSError as error:
            sys.exit(f"The spool cannot be opened in SPOOL_DIR={settings.SPOOL_DIR}: {error}")
        runtime.install(recording)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        watch(settings.SPOOL_DIR, migrate=True)
        code = self._serve(recording, sockets, stop)
        leaving.put_away(recording, stop)
        pidfile.remove(settings.VAR_DIR)
        leaving.leave(code)

    def _serve(self, recording: runtime.Runtime, sockets: list[Any], stop: Stop) -> int:
        from config.asgi import application

        if settings.SERVER == "daphne":
            from config.serving.daphne_server import run
        else:
            from config.serving.uvicorn_server import run
        try:
            run(
                application,
                sockets,
                stop,
                listening=self._announce,
                drained=lambda: leaving.drain(recording, stop, settings.DRAIN_SECONDS),
            )
        except OSError as error:  # somebody else began to listen between our bind() and our listen()
            self.stderr.write(listening.sentence(error, settings.HOST, settings.PORT, settings.VAR_DIR))
            return 1
        return 0

    def _announce(self) -> None:
        running = pidfile.Running(os.getpid(), settings.HOST, settings.PORT, settings.SERVER)
        pidfile.write(settings.VAR_DIR, running)
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        self.stdout.write(f"Listening on http://{host}:{settings.PORT}")
        self.stdout.flush()
