"""The errors of this app; each docstring is the message that people read. Pure.

MediaError
├── PrivateRecording
├── ProofRuns
├── Held
├── NoReason
├── BadReason
└── RefusedAudio          an answer to a request: `status` is its HTTP status
    ├── BadTimes          422
    ├── BadLayout         422
    ├── BadRate           422
    ├── UnknownParticipant 404
    ├── MissingRecording  404
    ├── NothingArchived   409
    └── StorageAway       503
"""

from typing import Any


class MediaError(Exception):
    """Something is wrong with a recording."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()).format(**facts))


class PrivateRecording(MediaError):
    """Recordings have no URL of their own: they are heard through the API, which checks permission and keeps record."""


class ProofRuns(MediaError):
    """A self-proof runs already: two at once would only measure each other. It is over in a few seconds."""


class Held(MediaError):
    """{session} is held: {session.hold}. Release it before it is deleted."""


class NoReason(MediaError):
    """Say why it is held, for those who will have to decide when it may go: a case's number, say."""


class BadReason(MediaError):
    """This reason cannot be kept: {why}"""


class RefusedAudio(MediaError):
    """This audio cannot be had. `loc` names the part of the query at fault."""

    status = 422
    loc = "query"


class BadTimes(RefusedAudio):
    """{problem}: from_ms and to_ms are milliseconds since the session's first sound, 0 or more, and from_ms comes
    before to_ms."""

    def __init__(self, loc: str = "from_ms", **facts: Any) -> None:
        super().__init__(**facts)
        self.loc = loc


class BadLayout(RefusedAudio):
    """{format} holds at most {most} channels and this would be {channels}: choose fewer participants, layout=mono or
    format=wav."""

    loc = "layout"


class BadRate(RefusedAudio):
    """sample_rate={rate} cannot be had as {format}: choose one of {rates}."""

    loc = "sample_rate"


class UnknownParticipant(RefusedAudio):
    """This session has no participant {participant}."""

    status = 404
    loc = "participant"


class NothingArchived(RefusedAudio):
    """Nothing of this session is archived yet: ask again in a few seconds."""

    status = 409


class MissingRecording(RefusedAudio):
    """The stored file of this chunk is missing: `manage.py verify` says what else is."""

    status = 404


class StorageAway(RefusedAudio):
    """This audio cannot be read or prepared now: try again; `manage.py doctor` says what is wrong with the storage."""

    status = 503
