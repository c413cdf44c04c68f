"""Whether a process goes on, or only seems to: its event loop shows every half second that it goes round."""

from pathlib import Path

BEAT_SECONDS = 0.5
MOST_SECONDS = 1.0  # that may have passed since the last look; after more we were kept waiting, too


class Pulse:
    """Of one process, as another one sees it. Time counts only as long as the onlooker itself goes on: after all of
    them were paused (a machine that slept, a container that was frozen) none is taken for a hung one."""

    def __init__(self) -> None:
        self._beat = 0
        self._looked_at = 0.0
        self._silent = 0.0

    def silent_seconds(self, beat: int, now: float) -> float:
        """For how long there was no new beat; 0 for a process that has not begun, or ends (beat 0)."""
        passed = min(now - self._looked_at, MOST_SECONDS)
        self._silent = self._silent + passed if beat and beat == self._beat else 0.0
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
