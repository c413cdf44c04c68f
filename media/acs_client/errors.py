"""Why a stream failed; each docstring is the message that people read. `where` holds no path: the token is in it. Pure.

StreamFailed
├── BadAddress
├── NobodyThere
├── Refused          the upgrade was answered with an HTTP status: `status`
├── NotASocket
└── StreamLost       in the middle: `sent` tells how far it came
"""

from typing import Any

from media.acs_client.score import Sent


class StreamFailed(Exception):
    """The stream failed."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()).format(**facts))


class BadAddress(StreamFailed):
    """This is no address of a media socket: it must begin with ws:// or wss:// and name a host."""


class NobodyThere(StreamFailed):
    """Nothing answers at {where} ({why}). Start the server with 'make run', or name another with --url."""


class Refused(StreamFailed):
    """The server at {where} refused the stream ({status}): {why}"""

    def __init__(self, where: str, status: int) -> None:
        super().__init__(where=where, status=status, why=_REFUSALS.get(status, "its log says why."))
        self.status = status


class NotASocket(StreamFailed):
    """What answers at {where} does not speak WebSocket there ({why}). Check the address."""


class StreamLost(StreamFailed):
    """The stream to {where} ended before its time, after {seconds:.1f} s of audio ({why}). The server's log says
    more."""

    def __init__(self, sent: Sent, where: str, why: str) -> None:
        super().__init__(where=where, seconds=sent.seconds, why=why)
        self.sent = sent


_NO_DOOR = "there is no media socket at this path. Its own addresses come from 'manage.py mediaurl'."
_REFUSALS = {
    401: "it wants a JWT that ACS signs. Stream to a server with MEDIA_SOCKET_AUTH=url.",
    403: "the token in the address is not one of its own, or has expired. There, 'manage.py mediaurl' makes a new one.",
    404: _NO_DOOR,
    426: _NO_DOOR,
    503: "it takes no more streams now (MEDIA_MAX_STREAMS reached, draining, or its disk is low). Try again later.",
}
