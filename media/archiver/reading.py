"""Spool rows become the timeline's items; what is not audio is kept as it came, what is unreadable goes aside. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media.spool.rows import OVERLOAD, Row, unpack, unpack_json
from media.stream.errors import BadPacket
from media.stream.items import Format, Frame, Item, Overload, Unreadable
from media.stream.packets import AudioData, AudioMetadata, DtmfData, TranscriptionData, Unknown
from media.stream.storable import unstorable
from media.stream.wire import decode

MOST_LANES = 64
LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that is not audio, to be kept as it came."""

    row: int
    arrival: int
    kind: str
    raw_id: str
    text: str


class Reading:
    """Reads one connection's rows. `lanes`: raw ids its session has; `refusal`: why its audio cannot be stored, as the
    last metadata says; `damage`: seqs before which rows are lost (a segment that could not be read)."""

    def __init__(self, lanes: set[str | None], refusal: str = "", damage: Sequence[int] = ()) -> None:
        self.lanes, self.refusal, self.damage = lanes, refusal, sorted(damage)
        self.items: list[Item] = []
        self.kept: list[Kept] = []
        self.unreadable: list[str] = []
        self.malformed = self.unknown = self.overload = 0
        self.metadata: dict[str, object] = {}
        self.subscription_id = ""

    def ahead(self, rows: Iterable[Row]) -> list[Item]:
        """The items of rows that are only peeked at."""
        return Reading(set(self.lanes), self.refusal, self.damage).read(rows).items

    def read(self, rows: Iterable[Row]) -> "Reading":
        for row in rows:
            while self.damage and self.damage[0] <= row.seq:
                self.damage.pop(0)
                self.items.append(Unreadable(row.at))
            if row.kind == OVERLOAD:
                dropped = int(unpack_json(row.body).get("messages", 0))
                self.overload += dropped
                self.items.append(Overload(row.at, dropped))
                continue
            for arrival, message in unpack(row.body):
                self._message(row.seq, arrival, message)
        return self

    def _message(self, row: int, arrival: int, message: str | bytes) -> None:
        try:
            packet = decode(message)
        except BadPacket as error:
            self._put_aside(arrival, message, str(error))
            return
        if type(packet) is AudioData:
            self._audio(arrival, message, packet)
            return
        if type(packet) is AudioMetadata:
            self._announced(arrival, packet)
        kind = packet.kind if type(packet) is Unknown else type(packet).__name__
        self.unknown += type(packet) is Unknown
        lane = packet.lane if isinstance(packet, DtmfData | TranscriptionData) else None
        self.kept.append(Kept(row, arrival, kind[:40], (lane or "")[:500], _text(message)[:LONGEST_TEXT]))

    def _audio(self, arrival: int, message: str | bytes, packet: AudioData) -> None:
        if self.refusal:  # two channels read as one would be plausible noise
            self._put_aside(arrival, message, self.refusal)
            return
        if packet.lane not in self.lanes:
            if len(self.lanes) >= MOST_LANES:
                self.unknown += 1
                return
            self.lanes.add(packet.lane)
        self.items.append(Frame(packet.lane, packet.stamp, packet.digits, arrival, packet.pcm, packet.silent))

    def _announced(self, arrival: int, packet: AudioMetadata) -> None:
        self.refusal = unstorable(packet)
        if not self.refusal:
            self.items.append(Format(packet.sample_rate, packet.length, arrival))
        self.subscription_id = packet.subscription_id or ""
        self.metadata = {
            "encoding": packet.encoding,
            "sample_rate": packet.sample_rate,
            "channels": packet.channels,
            "length": packet.length,
        }

    def _put_aside(self, arrival: int, message: str | bytes, error: str) -> None:
        self.malformed += 1
        self.items.append(Unreadable(arrival))
        self.unreadable.append(json.dumps({"at": arrival, "error": error, "message": _text(message)}))


def refusal_of(metadata: dict[str, object]) -> str:
    """Why a connection's audio cannot be stored, from the metadata that its row keeps."""
    rate, channels = metadata.get("sample_rate"), metadata.get("channels")
    if not isinstance(rate, int) or not isinstance(channels, int):
        return ""
    return unstorable(AudioMetadata(None, str(metadata.get("encoding")), rate, channels, None))


def _text(message: str | bytes) -> str:
    """A message as PostgreSQL can hold it (it takes no NUL)."""
    text = message if isinstance(message, str) else message.decode("utf-8", "replace")
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
