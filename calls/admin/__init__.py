"""Admin pages of calls, of what answers them, of who is in them; of tokens and users."""

from calls.admin import address_book, calls, incoming, people, rules, sounds, tokens  # noqa: F401
