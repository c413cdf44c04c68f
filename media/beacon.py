"""Self-proof: a coded sound for each of two participants goes through the real door, as ACS would send it, and is
compared sample by sample with what was stored of it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from calls import links
from media.acs_client import Score, StreamFailed, stream
from media.deletion import forget
from media.lanes import lines_of, pieces_of
from media.models import StreamSession
from media.services import make_media_url

LANES = ("8:acs:beacon_1", "8:acs:beacon_2")
RATE, SECONDS = 16_000, 5
PATIENCE = 60.0  # seconds until everything must be archived
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Proof:
    """`session` is kept where something is wrong, and gone where all is well."""

    good: bool
    words: str
    session: UUID | None = None


def coded(lane: str) -> bytes:
    """Five seconds of a tone whose loudness is a code that no other lane has: PCM16, 16 kHz."""
    number = LANES.index(lane)
    code = np.random.default_rng(1_000 + number).integers(2_000, 12_000, SECONDS * 10).repeat(RATE // 10)
    tone = np.sin(2 * np.pi * (440 + 330 * number) * np.arange(SECONDS * RATE) / RATE)
    return (code * tone).astype("<i2").tobytes()


def prove(say: Say = lambda _: None) -> Proof:
    """Blocks for about ten seconds; asks the database. `say` hears each step."""
    made = make_media_url(links.base(), label="Self-proof", expires_in_seconds=300)
    if made.session_id is None:
        raise ValueError("a URL of its own has a session")
    say(f"streaming {SECONDS} s of two participants to {links.base()}")
    try:
        asyncio.run(stream(made.url, Score({lane: coded(lane) for lane in LANES})))
    except StreamFailed as failed:
        return Proof(False, f"The stream did not get through: {failed}", made.session_id)
    say("waiting until all of it is archived")
    session = _archived(made.session_id)
    if session is None:
        return Proof(False, f"It is not archived after {PATIENCE:.0f} s: look at archiving.", made.session_id)
    differences = _differences(session)
    if differences:
        return Proof(False, " ".join(differences), session.pk)
    forget(session)
    return Proof(True, f"{len(LANES)} participants, {SECONDS * RATE} samples each: stored as sent, to the sample.")


def _archived(session_id: UUID) -> StreamSession | None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if session := StreamSession.objects.filter(pk=session_id, live=False).first():
            return session
        time.sleep(0.25)
    return None


def _differences(session: StreamSession) -> list[str]:
    """A sentence for each participant whose sound is not what was sent."""
    lines = lines_of(pieces_of(session), session.origin_ticks or 0)
    ids = {lane.raw_id: lane.pk for lane in session.participants.all()}
    found = []
    for lane in LANES:
        sent = np.frombuffer(coded(lane), "<i2")
        if lane not in ids or ids[lane] not in lines:
            found.append(f"Nothing of {lane} was stored.")
            continue
        stored = lines[ids[lane]][0].read(0, len(sent))
        if wrong := int(np.count_nonzero(stored != sent)):
            first = int(np.argmax(stored != sent))
            found.append(f"{lane}: {wrong} of {len(sent)} samples differ, the first at {first * 1000 // RATE} ms.")
    return found
