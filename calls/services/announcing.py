"""What callers hear before recording begins: a text or a sound, and what follows when it was heard or could not be
played."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from calls import acs, signed_urls
from calls.errors import InvalidRequest, UnplayableSound
from calls.humanize import span
from calls.models import Call, Prompt
from calls.prompt_audio import prompt_of
from calls.services.event_log import Entry, write

ANNOUNCE = "announce"
"""The operation context of the announcement; other sounds that are played have another."""

SLACK = timedelta(seconds=10)  # after the sound should have ended, for ACS to say so
WORD_MS = 600  # a spoken word, generously
TEXT_NEEDS = (
    "A spoken text needs ACS_COGNITIVE_ENDPOINT (an Azure AI services resource), which is unset: set it, or give the "
    "name of a sound that is uploaded in the admin."
)
SUFFIXES = {".aif", ".aiff", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wav"}
NOT_RECORDED = "Not recorded: the announcement could not be played, and without it nothing may be recorded."


_read: dict[Path, tuple[int, int]] = {}  # files of ANNOUNCEMENT, as they were when their sound was made


@dataclass(frozen=True, slots=True)
class Sound:
    """Something to play: `source` is the SDK's."""

    source: Any
    duration_ms: int


def announcement_of(asked: str | None) -> str:
    """What is to be announced: what was asked for, else what ANNOUNCEMENT says; a file named there becomes a sound.
    Raises InvalidRequest where that file cannot be played: its path is nothing to say to people."""
    said = str(settings.ANNOUNCEMENT)
    if asked is not None and asked.strip() != said:
        return asked.strip()
    return _imported(Path(said)) if names_a_file(said) else said


def offered() -> str:
    """What forms begin with: the same, and the path itself where it cannot be played, so that placing is refused."""
    try:
        return announcement_of(None)
    except InvalidRequest:
        return str(settings.ANNOUNCEMENT)


def names_a_file(announcement: str) -> bool:
    """Whether it is the path of a sound file, be it there or not, and no text."""
    path = Path(announcement)
    try:
        if path.is_file():
            return True
    except (OSError, ValueError):
        pass  # too long for a name, or with a NUL in it
    return path.suffix.lower() in SUFFIXES or announcement.startswith(("/", "./", "../"))


def check(announce: str, loc: str = "announce") -> None:
    """Raises InvalidRequest where this could not be played."""
    if announce and not settings.ACS_COGNITIVE_ENDPOINT and not Prompt.objects.filter(name=announce).exists():
        raise InvalidRequest(TEXT_NEEDS, loc)


def sound_of(announce: str) -> Sound:
    """The uploaded sound of that name, else the text, spoken."""
    prompt = Prompt.objects.filter(name=announce).defer("wav").first()
    if prompt:
        return Sound(acs.sound(signed_urls.prompt_url(prompt.pk)), prompt.duration_ms)
    return Sound(acs.text(announce), 1_000 + WORD_MS * len(announce.split()))


def _imported(path: Path) -> str:
    """The name of the sound that this file became, when it was new or had changed. One that is gone is played as it
    was."""
    known = Prompt.objects.filter(name=path.name).exists()
    try:
        stands = path.stat()
        if not known or _read.get(path) != (stands.st_mtime_ns, stands.st_size):
            made = prompt_of(path.read_bytes(), path.name)
            Prompt.objects.update_or_create(name=path.name, defaults={"wav": made.wav, "duration_ms": made.duration_ms})
            _read[path] = stands.st_mtime_ns, stands.st_size
    except (OSError, UnplayableSound) as error:
        if not known:
            why = error.strerror if isinstance(error, OSError) else error
            raise InvalidRequest(
                f"ANNOUNCEMENT names a sound that cannot be played: {path}: {why}", "announce"
            ) from None
    return path.name


def settled(call: Call, heard: bool) -> bool:
    """Under the call's lock: the announcement was heard, or was not. Recording begins now, or not at all."""
    if call.announcement not in {Call.Announcement.WAITING, Call.Announcement.PLAYING}:
        return False
    call.announcement = Call.Announcement.DONE if heard else Call.Announcement.FAILED
    call.announce_until = None
    if heard:
        call.announced_at = timezone.now()
    if call.streaming_wanted and (heard or not call.announcement_required):
        call.streaming_next_at = timezone.now()
    elif call.streaming_wanted:
        call.streaming_wanted, call.streaming_trouble = False, NOT_RECORDED
    return False


def announced(call: Call) -> str:
    """announced at 0:03, counted from when it was connected."""
    if call.announced_at is None or call.connected_at is None:
        return "announced"
    return f"announced at {span(call.announced_at - call.connected_at)}"


def overdue(call: Call) -> None:
    """ACS never said that the sound ended. Where it said that it began, it was heard."""
    began = call.events.filter(kind="PlayStarted", raw__operationContext=ANNOUNCE).exists()

    def words(row: Call) -> str:
        told = f"{announced(row)}; ACS did not say that it ended"
        return told if began else "ACS never said that the announcement began"

    write(call.pk, Entry("announcement_overdue", words=words, also=lambda row: settled(row, began)))
