"""What people get wrong, in a sentence that says what to do; each docstring is the message. Pure.

Refused
├── BadScenario      names the key and the line
├── BadSound
│   └── NoSound
├── BadKey
├── PortTaken
├── NoSuchAddress
├── TooOpen
├── BadWebhook
├── BadAuthority
├── Pointless
└── Unwritable
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


class NoSound(BadSound):
    """There is no {path}: sounds are beside the scenario, or one of ada.ogg, ben.ogg, cleo.ogg, dan.ogg, eve.ogg."""


class BadKey(Refused):
    """The key {key!r} is no base64: leave --key away for one that works, or make one with: openssl rand -base64 32"""


class PortTaken(Refused):
    """Port {port} on {host} is in use: end what listens there, or choose another with --port."""


class NoSuchAddress(Refused):
    """Nothing can listen at {host}, port {port}: {reason}."""


class TooOpen(Refused):
    """--host {host} lets other machines in, and everybody knows the key for development: give a --key of your own."""


class BadWebhook(Refused):
    """--events {url} is no http:// or https:// address."""


class BadAuthority(Refused):
    """The certificates of --tls in {folder} cannot be made or read: {reason}. Delete that folder, or name another place
    with VAR_DIR."""


class Pointless(Refused):
    """{option} does nothing without {needed}."""


class Unwritable(Refused):
    """{path} cannot be written: {reason}. Name another file with --record."""
