"""Admin pages of recordings, media URLs, alarms, self-proofs and the access log."""

from media.admin import access_log, alarms, proofs, sessions, urls  # noqa: F401
