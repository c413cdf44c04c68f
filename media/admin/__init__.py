"""Admin pages of recordings, media URLs and the access log."""

from media.admin import access_log, sessions, urls  # noqa: F401
