"""`manage.py runserver`: Daphne's, for development, with the spool and the archiver open in the process that serves."""

import atexit
from typing import Any

from daphne.management.commands.runserver import Command as DaphneRunserver
from django.conf import settings

from config.serving.daphne_server import Server
from config.serving.supervising import supervise
from config.serving.watch import watch
from media import running, runtime


class Command(DaphneRunserver):  # type: ignore[misc]
    server_cls = Server

    def inner_run(self, *args: Any, **options: Any) -> None:
        """Runs in the reloader's child only, there in a daemon thread: only `atexit` sees the end of the process."""
        recording = runtime.Runtime.open()
        running.install(recording)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        watch(settings.SPOOL_DIR, migrate=False)
        supervise()
        atexit.register(recording.close, 2.0)
        super().inner_run(*args, **options)
