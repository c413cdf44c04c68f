"""Whole stories of calls, from the request to the last byte: the real SDK, real HTTP and sockets, one server process,
and the emulator in ACS's place. All stories are told at once, each with a number of its own (telling.py)."""
