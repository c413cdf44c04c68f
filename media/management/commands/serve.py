"""`manage.py serve`: the server. Opens the spool and the archiver, then listens; closes them after the last socket.
With WORKERS it starts so many of itself on one port, and looks after them."""

import logging
import os
import sys
from argparse import SUPPRESS, ArgumentParser
from socket import socket
from typing import Any

from django.conf import settings

from calls import event_loop
from config.commands import StayingCommand, fail, tell
from config.serving import heap, leaving, listening, pidfile
from config.serving.places import Places
from config.serving.slots import Part, Slots
from config.serving.stop import Stop
from config.serving.supervising import say_goodbye, supervise
from config.serving.watch import watch
from config.serving.workers import Workers, command
from media import running, runtime

log = logging.getLogger(__name__)


class Command(StayingCommand):
    help = "Records and serves, on HOST:PORT. SIGTERM or Ctrl-C ends it cleanly; a second one waits for nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--part", type=Part.from_text, help=SUPPRESS)  # given by the process with WORKERS

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.tells = options.get("part") is None
        return super().execute(*args, **options)

    def handle(self, *args: Any, part: Part | None = None, **options: Any) -> None:
        if settings.WORKERS > 1 and not part:
            self._look_after_workers()
        stop = Stop(part.parent if part else None)
        stop.listen()
        sockets, recording = self._open(part)
        running.install(recording)
        watch(settings.SPOOL_DIR, migrate=True)
        supervise()
        self._serve(recording, sockets, stop, part)
        event_loop.close(2)
        leaving.put_away(recording, stop)
        pidfile.remove(settings.VAR_DIR)
        leaving.leave(0)

    def _look_after_workers(self) -> None:
        """Ends the process."""
        stop = Stop()
        stop.listen(replaces=True)
        sockets = self._bind()
        try:
            listening.listen(sockets, settings.VAR_DIR)  # at once: what waits for the first of them is not refused
        except listening.CannotListen as error:
            fail(str(error))
        workers = Workers(
            settings.WORKERS, command(), sockets, stop, settings.MEDIA_MAX_STREAMS, settings.WORKER_HUNG_SECONDS
        )
        code = workers.run(os.getpid(), self._announce)
        pidfile.remove(settings.VAR_DIR)
        sys.exit(code)

    def _bind(self) -> list[socket]:
        """What must be had before anything runs; or a sentence, and the end."""
        try:
            settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
            return listening.bind(settings.HOST, settings.PORT, settings.VAR_DIR)
        except listening.CannotListen as error:
            fail(str(error))
        except OSError as error:
            fail(f"VAR_DIR={settings.VAR_DIR} cannot be written ({error.strerror}). Name a folder of your own.")

    def _open(self, part: Part | None) -> tuple[list[socket], runtime.Runtime]:
        sockets = [socket(fileno=file) for file in part.sockets] if part else self._bind()
        try:
            recording = runtime.Runtime.open()
        except OSError as error:
            fail(f"The spool cannot be opened in SPOOL_DIR={settings.SPOOL_DIR}: {error}")
        try:
            if part:
                everywhere = settings.WORKERS * settings.MEDIA_MAX_STREAMS
                recording.ingest.places = Places(Slots(part.slots), part.slot, everywhere)
            else:
                listening.listen(sockets, settings.VAR_DIR)
        except listening.CannotListen as error:
            recording.close(0)
            tell(str(error))
            leaving.leave(1)
        return sockets, recording

    def _serve(self, recording: runtime.Runtime, sockets: list[socket], stop: Stop, part: Part | None) -> None:
        from config.asgi import application

        options: dict[str, Any] = {}
        if settings.SERVER == "daphne":
            from config.serving.daphne_server import run
        else:
            from config.serving.uvicorn_server import run

            options = {"part": part, "full": recording.ingest.is_full_with}
        heap.settle()
        run(
            application,
            sockets,
            stop,
            listening=(lambda: None) if part else self._announce,
            drained=lambda: leaving.drain(recording, stop, settings.DRAIN_SECONDS, say_goodbye),
            **options,
        )

    def _announce(self) -> None:
        running = pidfile.Running(os.getpid(), settings.HOST, settings.PORT, settings.SERVER)
        try:
            if not pidfile.write(settings.VAR_DIR, running):
                log.warning("server.pid and server.json in %s stay those of the server before.", settings.VAR_DIR)
        except OSError as error:
            log.warning("No server.pid: VAR_DIR=%s cannot be written (%s).", settings.VAR_DIR, error.strerror)
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        self.stdout.write(f"Listening on http://{host}:{settings.PORT}")
        self.stdout.flush()
