"""What the sound of a call needs of the rest of the emulator, and nothing more: a call, its talkers, the world."""

from collections.abc import Sequence
from dataclasses import dataclass
from ssl import SSLContext
from typing import TYPE_CHECKING, Protocol

from acs_emulator.clock import Clock
from acs_emulator.journal import Journal
from acs_emulator.record import Record
from acs_emulator.ticker import Ticker

if TYPE_CHECKING:
    from acs_emulator.media.voice import LiveVoice, Voice
    from acs_emulator.scenario import Scenario


@dataclass(slots=True, eq=False)
class Talker:
    """A participant as the others hear it. `joined_tick`: the ticker's number at which its voice began
    (`ticker.number`, or `ticker.number_at(loop.time())`). One object for as long as the participant is in the call."""

    raw_id: str
    voice: "Voice"
    joined_tick: int
    muted: bool = False
    on_hold: bool = False


class StreamedCall(Protocol):
    """What a Stream needs of a call."""

    @property
    def call_connection_id(self) -> str: ...

    @property
    def correlation_id(self) -> str: ...

    @property
    def people(self) -> Sequence[str]:
        """With whom it is, as scenarios know it: raw ids, or the id of a group or room."""

    @property
    def application(self) -> "LiveVoice | None":
        """The application's own voice: a LiveVoice that audio sent back through the socket is fed into, or None where
        nobody could hear it. Other legs of the conversation have a Talker with this voice."""

    def talkers(self) -> Sequence[Talker]:
        """Everybody whom the application hears now: the participants of the call without the application itself."""

    def hears_from(self, tick: int) -> None:
        """The first socket is open: its first frames are of this tick."""

    def streaming_changed(self, status: str, details: str, code: int, sub_code: int, message: str) -> None:
        """`status` and `details` as in mediaStreamingUpdate (`mediaStreamingStarted`, `subscriptionStarted`…)."""

    def transcription_changed(self, status: str, details: str, code: int, sub_code: int, message: str) -> None:
        """The same for transcriptionUpdate (`transcriptionStarted`…)."""


class StreamWorld(Protocol):
    """What a Stream needs of the World."""

    @property
    def clock(self) -> Clock: ...

    @property
    def ticker(self) -> Ticker: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def record(self) -> Record: ...

    @property
    def scenario(self) -> "Scenario": ...

    @property
    def trust(self) -> SSLContext | None:
        """What wss:// servers are checked against; None: the system's authorities."""

    def socket_token(self) -> str:
        """A new JWT for one socket (24 h, ACS.md 1)."""
