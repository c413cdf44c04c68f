"""`manage.py dbshell` at the embedded server, with the wheel's own psql."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import client

from .binaries import installed
from .membership import membership_in


class DatabaseClient(client.DatabaseClient):
    """Django's, told where the server is."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        """Arguments and environment of psql; starts the server when none lives."""
        found = membership_in(Path(settings_dict["EMBEDDED_DIR"])).ready()
        address = {name.upper(): str(value) for name, value in found.items()}
        arguments, environment = super().settings_to_cmd_args_env({**settings_dict, **address}, parameters)
        return [str(installed() / "psql"), *arguments[1:]], environment
