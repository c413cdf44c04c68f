"""Admin pages of recordings, media URLs and the access log."""

from media.admin import access_log, alarms, sessions, urls  # noqa: F401
