"""A conversation as a listener in it hears it: all others, the applications among them."""

from collections.abc import Sequence

from acs_emulator.calls.conversation import Conversation
from acs_emulator.media import LiveVoice, Talker


class Everybody:
    """A StreamedCall that is nobody's leg, for `who`. `conversation` may change: who listens may be moved."""

    application: LiveVoice | None = None
    call_connection_id = ""
    people: Sequence[str] = ()

    def __init__(self, conversation: Conversation, who: str) -> None:
        self.conversation, self._who = conversation, who

    @property
    def correlation_id(self) -> str:
        return self.conversation.correlation_id

    def talkers(self) -> Sequence[Talker]:
        return self.conversation.heard_by(self.conversation.find(self._who))

    def hears_from(self, tick: int) -> None:
        """Nothing is streamed here."""

    def streaming_changed(self, status: str, details: str, code: int, sub_code: int, message: str) -> None:
        """Nothing is streamed here."""

    transcription_changed = streaming_changed
