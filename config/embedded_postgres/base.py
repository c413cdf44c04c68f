"""The database backend `config.embedded_postgres`: Django's own for PostgreSQL, connected to our embedded server.

Knows Django and `membership.py`. OPTIONS are passed on as they are; `EMBEDDED_DIR` names the server's folder.
"""

from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base

from .client import DatabaseClient
from .cluster import CONNECT_SECONDS
from .membership import Membership, membership_in


class DatabaseWrapper(base.DatabaseWrapper):
    """Starts the server on the first connection, and again when it is gone."""

    client_class = DatabaseClient

    @property
    def embedded(self) -> Membership:
        """This process's share in the server. Raises ImproperlyConfigured."""
        folder = self.settings_dict.get("EMBEDDED_DIR")
        if not folder:
            raise ImproperlyConfigured('DATABASES["default"]["EMBEDDED_DIR"] must name the folder of the server.')
        return membership_in(Path(folder))

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with the address and password of the running server."""
        defaults = {"connect_timeout": CONNECT_SECONDS}
        return {**defaults, **super().get_connection_params(), **self.embedded.ready()}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connects; when the server is gone or not ready, starts it or waits for it, and tries once more."""
        cluster = self.embedded.cluster
        try:
            return super().get_new_connection(conn_params)
        except psycopg.errors.ConnectionTimeout as error:
            raise cluster.hung(conn_params["connect_timeout"]) from error
        except psycopg.OperationalError as error:
            if not cluster.lost(error):
                raise
        cluster.start()
        return super().get_new_connection(conn_params)
