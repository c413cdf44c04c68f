"""One media streaming subscription of one call: dials the application, sends metadata and paced frames, takes audio
back, and dials again when the socket is lost."""

from typing import TYPE_CHECKING

from acs_emulator.media.options import StreamOptions
from acs_emulator.media.seams import StreamedCall, StreamWorld

if TYPE_CHECKING:
    from acs_emulator.scenario.schema import StreamFault


class Stream:
    """Made when the subscription is; `start` and `stop` follow the call and the application's wishes, also repeatedly.

    subscription_id: as in the REST answers and the metadata; state: `inactive` or `active` (while a socket is open).
    """

    def __init__(self, call: StreamedCall, options: StreamOptions, world: StreamWorld) -> None:
        self.call, self.options, self.world = call, options, world
        self.subscription_id = ""
        self.state = "inactive"

    async def start(self) -> None:
        """Dials; returns when the socket is open and metadata sent, or dialling failed (reported to the call either
        way). Frames then follow by themselves until `stop`."""

    async def stop(self, reason: str) -> None:
        """Closes the socket (1000) and reports mediaStreamingStopped; does nothing where nothing runs."""

    def tone(self, raw_id: str, tone: str) -> None:
        """A participant pressed a key (`0`–`9`, `*`, `#`, `a`–`d`): DtmfData, when the options asked for it."""

    def inject(self, fault: "StreamFault") -> None:
        """A fault from now on; its `at` counts from this moment."""
