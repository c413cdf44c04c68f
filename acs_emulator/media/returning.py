"""Audio that the application sends back: into its voice in the call, in real time; StopAudio clears what waits.
Marks (a preview) are answered when what was before them has been played. Knows no sockets."""

from collections.abc import Callable

from acs_emulator.journal import Journal
from acs_emulator.media import messages
from acs_emulator.media.replies import Audio, Mark, StopAudio, Unread, read
from acs_emulator.media.voice import LiveVoice

SendText = Callable[[str, str], None]


class Returning:
    """One per stream. `voice` None: nobody hears it, it is only counted."""

    def __init__(self, voice: LiveVoice | None, rate: int, bidirectional: bool, journal: Journal) -> None:
        self._voice, self._rate, self._bidirectional, self._journal = voice, rate, bidirectional, journal
        self._marks: list[tuple[int, str]] = []
        self._fed = 0
        self._told: set[str] = set()

    @property
    def fed_ms(self) -> int:
        """What came in so far."""
        return self._fed * 1000 // (self._rate * 2)

    def take(self, message: str | bytes, connection: int, send: SendText) -> None:
        """One message of the application; `send` takes the kind and text of an answer."""
        reply = read(message)
        if isinstance(reply, Unread):
            self._once(reply.why, "application_unread", connection)
        elif not self._bidirectional:
            self._once("enableBidirectional is not set, so it is ignored", "application_audio", connection)
        elif isinstance(reply, StopAudio):
            self._stop(connection, send)
        else:
            self._play(reply, connection)

    def answer_marks(self, send: SendText) -> None:
        """Completes the marks that have been passed; called once a tick."""
        while self._marks and self._marks[0][0] <= self._played_ms():
            self._mark(self._marks.pop(0)[1], "Completed", send)

    def _play(self, reply: Audio | Mark, connection: int) -> None:
        if isinstance(reply, Audio) and reply.pcm:
            self._once("", "application_audio", connection)
            self._fed += len(reply.pcm)
            if self._voice:
                self._voice.feed(reply.pcm, self._rate)
        if reply.mark is not None:
            self._marks.append((self.fed_ms, reply.mark))

    def _stop(self, connection: int, send: SendText) -> None:
        dropped = self._voice.clear() if self._voice else 0
        self._journal.write("stop_audio", connection=connection, dropped_ms=dropped)
        for _, mark in self._marks:
            self._mark(mark, "Cancelled", send)
        self._marks.clear()

    def _played_ms(self) -> int:
        return self.fed_ms - (self._voice.waiting_ms if self._voice else 0)

    def _mark(self, mark: str, status: str, send: SendText) -> None:
        send("MarkData", messages.mark(mark, status))

    def _once(self, why: str, kind: str, connection: int) -> None:
        """In the journal the first time on a connection only: fifty a second would hide all else."""
        if (key := f"{connection}:{kind}:{why}") not in self._told:
            self._told.add(key)
            self._journal.write(kind, connection=connection, **({"why": why} if why else {}))
