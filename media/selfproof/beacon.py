"""Self-proof: a coded sound for each of two participants goes through the real door, as ACS would send it, and is
compared sample by sample with what was stored of it. Knows nothing of who asked for it (proving.py)."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import numpy as np

from calls import acs_jwt
from media import verify
from media.acs_client import NobodyThere, Refused, Score, Sent, StreamFailed, stream
from media.audio.lanes import lines_of, pieces_of
from media.models import StreamSession

LANES = ("8:acs:beacon_1", "8:acs:beacon_2")
RATE, SECONDS = 16_000, 5
FRAMES = len(LANES) * SECONDS * 50
PATIENCE = 60.0  # seconds until everything must be archived
OTHER_SETTINGS = (
    "The server at {where} does not take this proof: it runs with other settings than what made it. Give both the same "
    "SECRET_KEY (or VAR_DIR), database and MEDIA_SOCKET_AUTH."
)
Step = Callable[[str, int], None]
"""Hears what is being done, and how much of it all is done, in percent."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, whether it is as it must be, and a sentence."""

    name: str
    good: bool
    words: str


def coded(lane: str) -> bytes:
    """Five seconds of a tone whose loudness is a code that no other lane has: PCM16, 16 kHz."""
    number = LANES.index(lane)
    code = np.random.default_rng(1_000 + number).integers(2_000, 12_000, SECONDS * 10).repeat(RATE // 10)
    tone = np.sin(2 * np.pi * (440 + 330 * number) * np.arange(SECONDS * RATE) / RATE)
    return (code * tone).astype("<i2").tobytes()


def checks(url: str, session_id: UUID, bearer: str, step: Step) -> Iterator[Check]:
    """Blocks for about ten seconds; asks the database. Ends early where nothing more can be found out. `bearer` stands
    for ACS's JWT; "" where the door wants none."""
    where = urlsplit(url).netloc
    if bearer:
        yield _keys()
    try:
        words = f"A coded tone of each of two people goes to {where}"
        _streamed(url, bearer, lambda share: step(words, int(50 * share)))
    except StreamFailed as failed:
        yield Check("The door", False, _why_not(failed, where))
        return
    yield Check("The door", True, f"The media socket at {where} took {FRAMES} frames of two people, as ACS sends them.")
    began = time.monotonic()
    session = _archived(session_id, lambda seconds: step("Waiting until all of it is stored", 50 + int(seconds * 40)))
    if session is None:
        yield Check("Storing", False, f"It is not archived after {PATIENCE:.0f} s: look at the archiver.")
        return
    took = time.monotonic() - began
    yield Check("Storing", True, f"All of it is in the recordings and the database, {took:.0f} s after the last frame.")
    step("Comparing what is stored with what was sent", 95)
    yield from compared(session)


def compared(session: StreamSession) -> Iterator[Check]:
    """What is stored of the session beside what was sent."""
    yield _counted(session)
    gaps = [f"{gap.get_cause_display()} (from sample {gap.position})" for gap in session.gaps.all()]
    yield Check(
        "Gaps", not gaps, f"Gaps where none was sent: {', '.join(gaps)}." if gaps else "No gap, as none was sent."
    )
    for number, lane in enumerate(LANES, 1):
        difference = _difference(session, lane)
        same = f"All {SECONDS * RATE:,} samples are stored as they were sent."
        yield Check(f"Participant {number}", not difference, difference or same)
    wrong = [words for chunk in verify.chunks_of(session) for words in verify.file_differences(chunk)]
    wrong += verify.counter_differences(session)
    good = "Every file has the hash that was noted when it was written, and all counters add up."
    yield Check("Files", not wrong, " ".join(wrong) or good)


def _why_not(failed: StreamFailed, where: str) -> str:
    """In words for who runs the server; those of the error are for who plays files at one."""
    if isinstance(failed, NobodyThere):
        return f"Nothing answers at {where}: look whether the server runs, and the proxy of PUBLIC_URL before it."
    if isinstance(failed, Refused) and failed.status in {401, 403}:
        return OTHER_SETTINGS.format(where=where)
    return f"The stream did not get through: {failed}"


def _keys() -> Check:
    """What only ACS can show, it cannot be asked for; but what its proof is checked with must be there."""
    try:
        acs_jwt.fetch_keys()
    except (OSError, ValueError) as error:
        return Check("ACS's keys", False, f"The door wants a JWT of ACS, and its keys cannot be fetched: {error}")
    words = "The door wants a JWT of ACS, and ACS's public keys are there to check it with. This proof brings its own."
    return Check("ACS's keys", True, words)


def _streamed(url: str, bearer: str, tell: Callable[[float], None]) -> None:
    """Sends it all, at the pace of a call. Raises StreamFailed."""
    score = Score({lane: coded(lane) for lane in LANES})
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    ticks = 0

    def played(sent: Sent) -> None:
        nonlocal ticks
        ticks = sent.ticks

    with ThreadPoolExecutor(1) as beside:  # `tell` may ask the database, which no event loop may
        going = beside.submit(lambda: asyncio.run(stream(url, score, headers=headers, progress=played)))
        tell(0.0)
        while not wait([going], timeout=0.5).done:
            tell(ticks / score.ticks)
        going.result()


def _archived(session_id: UUID, tell: Callable[[float], None]) -> StreamSession | None:
    """`tell` hears which part of the patience is over."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < PATIENCE:
        if session := StreamSession.objects.filter(pk=session_id, live=False).first():
            return session
        tell(waited / PATIENCE)
        time.sleep(0.5)
    return None


def _counted(session: StreamSession) -> Check:
    found = (session.received, session.stored, session.duplicate, session.malformed)
    words = (
        f"{found[0]} frames counted, {found[1]} stored, {found[2]} twice, {found[3]} unreadable; {FRAMES} were sent."
    )
    return Check("Counters", found == (FRAMES, FRAMES, 0, 0), words)


def _difference(session: StreamSession, lane: str) -> str:
    """A sentence where the participant's sound is not what was sent."""
    lines = lines_of(pieces_of(session), session.origin_ticks or 0)
    found = session.participants.filter(raw_id=lane).first()
    if found is None or found.pk not in lines:
        return "Nothing was stored."
    sent = np.frombuffer(coded(lane), "<i2")
    stored = lines[found.pk][0].read(0, len(sent))
    wrong = int(np.count_nonzero(stored != sent))
    if not wrong:
        return ""
    return (
        f"{wrong:,} of {len(sent):,} samples differ, the first at {int(np.argmax(stored != sent)) * 1000 // RATE} ms."
    )
