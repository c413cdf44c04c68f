"""The errors of the pure core. Knows nothing of sockets, logs or counters."""


class ShortSight(Exception):
    """A frame waits for what may still come, further ahead than was looked.

    Told by a timeline half way: it is of no use any more.
    """


class BadPacket(ValueError):
    """audioData.data: is not base64

    A message of ACS that cannot be read. `field` is its path in ACS's own spelling ("message" for the whole), `reason`
    the rest of the sentence.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"
