"""Admin pages of calls, tokens and people."""

from calls.admin import calls, people, tokens  # noqa: F401
