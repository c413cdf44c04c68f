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

from media.models import TICKS_PER_SECOND, AudioChunk, StreamSession
from media.storage import recordings
from media.stream.layout import convert, lay_out
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


def pieces_of(session: StreamSession) -> list[Piece]:
    """The chunks of a session by position, in one query, without their peaks and levels."""
    rows = AudioChunk.objects.filter(participant__session=session).order_by("position", "id")
    return [Piece(*row) for row in rows.values_list(*Piece._fields)]


class Line:
    """The pieces of one rate of one participant on the time line of their session: sample 0 is its origin.

    A piece that begins before the one before it has ended (a lane whose clock runs behind) follows it: nothing is cut.
    """

    def __init__(self, pieces: Sequence[Piece], origin_ticks: int) -> None:
        self.rate = pieces[0].rate
        origin = convert(origin_ticks, TICKS_PER_SECOND, self.rate)
        self._pieces = pieces
        self._starts = np.array(lay_out((piece.position - origin, piece.samples) for piece in pieces))
        self._decoded = lru_cache(maxsize=2)(self._decode)

    @property
    def end_ticks(self) -> int:
        """Where the last sample ends, counted from the origin."""
        return convert(int(self._starts[-1]) + self._pieces[-1].samples, self.rate, TICKS_PER_SECOND)

    def reader(self, rate: int) -> Read:
        """How to read it at `rate`: from a start ≥ 0."""
        return self.read if rate == self.rate else Resampled(self.read, self.rate, rate).read

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


def lines_of(pieces: Iterable[Piece], origin_ticks: int) -> Mapping[UUID, list[Line]]:
    """The lines of each participant: usually one, one for each rate where its rate changed."""
    sorted_out: dict[tuple[UUID, int], list[Piece]] = defaultdict(list)
    for piece in pieces:
        sorted_out[piece.participant_id, piece.rate].append(piece)
    lines: dict[UUID, list[Line]] = defaultdict(list)
    for (participant, _), belonging in sorted_out.items():
        lines[participant].append(Line(belonging, origin_ticks))
    return lines
