"""What people get wrong, in a sentence that says what to do; each docstring is the message. Pure.

Refused
├── BadScenario      names the key and the line
├── BadSound
└── BadAddress
"""

from typing import Any


class Refused(Exception):
    """The emulator cannot do this."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()).format(**facts))


class BadScenario(Refused):
    """{where}: {why}"""


class BadSound(Refused):
    """{path} cannot be played: {why}. Use WAV, FLAC, MP3 or Ogg."""


class BadAddress(Refused):
    """{url} is no address of a media socket: it must begin with wss:// (or ws:// on this machine) and name a host."""
