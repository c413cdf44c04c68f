"""A WebSocket that the application may ask for its messages, all that have come at once; media/ingest/pulling.py says
why.

While it is pulled the event loop does not watch it, and we read its file descriptor ourselves: a system call for all
that has come, where the loop needs one for each frame to wait, one to read and one to look again, and wakes a task.
"""

import os
from typing import TYPE_CHECKING

from websockets.http11 import Request

from config.serving.frames import control, plain
from config.serving.websocket import Socket
from media.ingest.pulling import EXTENSION, Pull

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

READ_BYTES = 1 << 16
MOST_READS = 16  # of one pull: a peer that floods us leaves the others their turn


class PulledSocket(Socket):
    """Of uvicorn's parser nothing is replaced: it gets each frame that is no plain message, whole where that is a ping,
    a pong or a close frame. After any other it gets all that follows, and the socket is an ordinary one again."""

    spoken = False  # the peer has sent something after its request
    pulling = False
    descriptor = -1
    rest = b""  # of a message whose end has not come yet

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][EXTENSION] = {"begin": self.begin}

    def data_received(self, data: bytes) -> None:
        self.spoken = self.handshake_initiated
        super().data_received(data)

    def begin(self) -> Pull | None:
        """Takes the reading from the event loop, if the parser stands before a frame and nothing is encrypted."""
        if self.spoken or self.transport.get_extra_info("sslcontext"):
            return None
        self.descriptor = self.transport.get_extra_info("socket").fileno()
        self.pulling = self.read_paused = True  # so whoever closes lets the event loop read again, for the answer
        self.transport.pause_reading()
        return self.pull

    def pull(self) -> list[str | bytes]:
        """What has come since the last time."""
        found: list[str | bytes] = []
        for _ in range(MOST_READS):
            if not self._readable():
                break
            try:
                data = os.read(self.descriptor, READ_BYTES)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                self.give_back()  # the event loop meets the same end, and tells of it
                break
            self._split(self.rest + data, found)
            if len(data) < READ_BYTES:
                break
        return found

    def _readable(self) -> bool:
        """The descriptor is ours until the transport begins to close: after that it may be somebody else's."""
        return self.pulling and not self.close_sent and not self.transport.is_closing()

    def _split(self, data: bytes, found: list[str | bytes]) -> None:
        while True:
            messages, used, unfinished = plain(data)
            found += messages
            data = data[used:]
            size = 0 if unfinished else control(data)
            if not size:
                break
            super().data_received(data[:size])
            if not self._readable():
                return  # closed; nothing counts that comes after
            data = data[size:]
        self.rest = data
        if not unfinished:
            self.give_back()

    def give_back(self) -> None:
        """From here on the event loop reads, and messages come as events."""
        if not self.pulling:
            return
        rest, self.rest, self.pulling = self.rest, b"", False
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        if rest:
            super().data_received(rest)

    async def send(self, message: "ASGISendEvent") -> None:
        await super().send(message)
        if self.close_sent:
            self.give_back()

    def connection_lost(self, exc: Exception | None) -> None:
        self.pulling = False
        super().connection_lost(exc)
