"""Stored chunks as one line of samples per participant: zeros where nothing is stored, and only the files that a
reading needs are opened. Knows files and rows; nothing of mixing and of HTTP.

A chunk's file that is missing or broken sounds as silence and is logged as an error (`manage.py verify` lists them
all): one bad file must not end the playback of the rest. A storage that cannot be reached is another matter: OSError.
"""

import hashlib
import io
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt
import soundfile

from media.models import TICKS_PER_SECOND, AudioChunk
from media.storage import recordings
from media.stream.resample import Read, Resampled

Samples = npt.NDArray[np.int16]
log = logging.getLogger(__name__)


class Piece(NamedTuple):
    """What playback must know of a chunk; see AudioChunk."""

    participant_id: UUID
    id: UUID
    position: int
    samples: int
    rate: int
    file: str
    sha256: str


def pieces_of(participants: Iterable[UUID]) -> list[Piece]:
    """The chunks of these participants by position, in one query, without their peaks and levels."""
    rows = AudioChunk.objects.filter(participant__in=list(participants)).order_by("position", "id")
    return [Piece(*row) for row in rows.values_list(*Piece._fields)]


class Line:
    """The pieces of one rate of one participant on the time line of their session: sample 0 is its origin.

    A piece that begins before the one before it has ended (a lane whose clock runs behind) follows it: nothing is cut.
    """

    def __init__(self, pieces: Sequence[Piece], origin_ticks: int) -> None:
        self.rate = pieces[0].rate
        origin = round_half_up(origin_ticks * self.rate, TICKS_PER_SECOND)
        self._pieces, self._starts, end = pieces, np.zeros(len(pieces), np.int64), -(2**62)
        for number, piece in enumerate(pieces):
            self._starts[number] = max(end, piece.position - origin)
            end = int(self._starts[number]) + piece.samples
        self._decoded = lru_cache(maxsize=2)(self._decode)

    def read(self, start: int, count: int) -> Samples:
        """`count` samples from `start`, which may be negative."""
        samples = np.zeros(count, np.int16)
        number = max(0, int(np.searchsorted(self._starts, start, "right")) - 1)
        while number < len(self._pieces) and self._starts[number] < start + count:
            first = int(self._starts[number])
            begin, end = max(start, first), min(start + count, first + self._pieces[number].samples)
            if begin < end:
                samples[begin - start : end - start] = self._decoded(number)[begin - first : end - first]
            number += 1
        return samples

    def _decode(self, number: int) -> Samples:
        return decode(self._pieces[number])


def decode(piece: Piece) -> Samples:
    """The samples of one chunk; zeros, with a line in the log, where its file is missing or not what was stored."""
    try:
        content = recordings().read(piece.file)
        if hashlib.sha256(content).hexdigest() == piece.sha256:
            samples, _ = soundfile.read(io.BytesIO(content), dtype="int16")
            if samples.shape == (piece.samples,):
                return samples  # type: ignore[no-any-return]
        log.error("Chunk %s is played as silence: its file %s is not what was stored.", piece.id, piece.file)
    except FileNotFoundError:
        log.error("Chunk %s is played as silence: its file %s is missing.", piece.id, piece.file)
    except soundfile.LibsndfileError as error:
        log.error("Chunk %s is played as silence: its file %s is broken (%s).", piece.id, piece.file, error)
    return np.zeros(piece.samples, np.int16)


def readers(pieces: Iterable[Piece], origin_ticks: int, rate: int) -> Mapping[UUID, list[Read]]:
    """For each participant how to read it at `rate`: usually one reader, one for each rate where its rate changed."""
    lines: dict[tuple[UUID, int], list[Piece]] = defaultdict(list)
    for piece in pieces:
        lines[piece.participant_id, piece.rate].append(piece)
    found: dict[UUID, list[Read]] = defaultdict(list)
    for (participant, own_rate), belonging in lines.items():
        line = Line(belonging, origin_ticks)
        found[participant].append(line.read if own_rate == rate else Resampled(line.read, own_rate, rate).read)
    return found


def round_half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
