"""Whether a process goes on, or only seems to: its event loop shows every half second that it goes round."""

from pathlib import Path

BEAT_SECONDS = 0.5
MOST_SECONDS = 1.0  # that may have passed since the last look; after more we were kept waiting, too


class Pulse:
    """Of one process, as another one sees it. Time counts only as long as the onlooker itself goes on: after all of
    them were paused (a machine that slept, a container that was frozen) none is taken for a hung one."""

    def __init__(self) -> None:
        self.has_begun = False
        self._beat = 0
        self._looked_at: float | None = None
        self._silent = 0.0

    def silent_seconds(self, beat: int, now: float) -> float:
        """For how long there was no new beat, or none yet; 0 for a process that ends (beat 0, after others)."""
        passed = 0.0 if self._looked_at is None else min(now - self._looked_at, MOST_SECONDS)
        self.has_begun = self.has_begun or beat > 0
        waits = beat == self._beat and (beat > 0 or not self.has_begun)
        self._silent = self._silent + passed if waits else 0.0
        self._beat, self._looked_at = beat, now
        return self._silent


def waits_for_a_disk(pid: int) -> bool:
    """Whether any thread of it does: that is no fault of the process, and a new one would fare no better. False where
    the system does not tell (no /proc)."""
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            state = stat.read_text().rpartition(") ")[2][:1]
        except OSError:  # it has just ended
            continue
        if state == "D":
            return True
    return False
