"""What really went over the sockets of a call, by the emulator's record, against what is stored."""

import base64
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from acs_emulator.record import Line
from media.stream import stamps
from tests.story.stage import Shape, Stage

MS = 1_000_000
Missing = list[tuple[int, int]]
UNREADABLE = {"damage:json", "damage:base64", "damage:odd"}


@dataclass(frozen=True, slots=True)
class Frame:
    """`stamp` ns since the epoch; `pcm` as it must be stored: zeros where the message had no data; `wall`, when it
    went, in ns."""

    stamp: int
    pcm: bytes
    wall: int = field(compare=False)

    @property
    def key(self) -> tuple[int, bytes]:
        return self.stamp, self.pcm


def lanes_sent(stage: Stage, call: Shape) -> dict[str | None, list[Frame]]:
    """The readable frames of each lane in the order they were sent, duplicates included."""
    empty, found = bytes(call["sample_rate"] // 25), defaultdict(list)
    for line in _lines(stage, call):
        if line.get("kind") == "AudioData" and not UNREADABLE & set(line["faults"]):
            pcm = base64.b64decode(line["pcm"]) if "pcm" in line else empty
            found[line["lane"]].append(frame_of(line, pcm))
    return dict(found)


def frame_of(line: Line, pcm: bytes) -> Frame:
    return Frame(stamp_of(line["stamp"]), pcm, stamp_of(line["wall"]))


def kinds_sent(stage: Stage, call: Shape) -> set[str]:
    return {str(line.get("kind")) for line in _lines(stage, call)}


def _lines(stage: Stage, call: Shape) -> list[Line]:
    """What the record has of a call's sockets."""
    lines = list(stage.acs.world.record.lines or ())
    mine = {
        line["connection"]
        for line in lines
        if line["line"] == "opened" and line["call_connection_id"] == call["call_connection_id"]
    }
    return [line for line in lines if line["connection"] in mine]


def laid_out(
    lanes: dict[str | None, list[Frame]], rate: int
) -> tuple[dict[str | None, bytes], dict[str | None, Missing]]:
    """Every lane from the first stamp of all to the last end, each frame at its stamp, zeros where none is; and the
    stretches (ms since that origin) in which a lane, once begun and not yet over, has none."""
    origin = min(frame.stamp for frames in lanes.values() for frame in frames)
    end = max(_at(frame, origin, rate) + len(frame.pcm) for frames in lanes.values() for frame in frames)
    sounds, missing = {}, {}
    for lane, frames in lanes.items():
        sound = bytearray(end)
        covered = []
        for frame in frames:
            at = _at(frame, origin, rate)
            sound[at : at + len(frame.pcm)] = frame.pcm
            covered.append((at, at + len(frame.pcm)))
        sounds[lane] = bytes(sound)
        missing[lane] = [(a * 1000 // (rate * 2), b * 1000 // (rate * 2)) for a, b in _holes(sorted(covered))]
    return sounds, missing


def _holes(covered: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    end = covered[0][1]
    for start, stop in covered[1:]:
        if start > end:
            yield end, start
        end = max(end, stop)


def _at(frame: Frame, origin: int, rate: int) -> int:
    return (frame.stamp - origin) // MS * rate // 1000 * 2


def stamp_of(text: str) -> int:
    """0 for what is none."""
    found = stamps.parse(text)
    return found[0] if found else 0


def listed(gaps: list[Shape], participant: str) -> Missing:
    """The gaps of a lane, neighbours joined."""
    found: Missing = []
    for gap in sorted((g for g in gaps if g["participant"] == participant), key=lambda g: int(g["from_ms"])):
        start, stop = gap["from_ms"], gap["to_ms"]
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((start, stop))
    return found


def same_as_sent(stage: Stage, call: Shape, session: Shape) -> None:
    """Byte for byte at its timestamp, and every missing stretch listed. For stamps that are even."""
    session_id, sent = uuid.UUID(session["id"]), lanes_sent(stage, call)
    stored, gaps = stage.server.lanes(session_id), stage.server.gaps(session_id)
    sounds, missing = laid_out(sent, call["sample_rate"])
    assert set(stored) == set(sounds)
    for participant in session["participants"]:
        lane = participant["raw_id"]
        assert listed(gaps, participant["id"]) == missing[lane], (lane, gaps)
        assert stored[lane] == sounds[lane], f"{lane} differs: {_difference(stored[lane], sounds[lane])}"
    unique = sum(len({frame.key for frame in frames}) for frames in sent.values())
    assert session["frames"]["stored"] == unique
    assert session["frames"]["duplicate"] == sum(map(len, sent.values())) - unique


def well_named(stage: Stage, call: Shape, session: Shape) -> None:
    """Each gap has the cause that the record shows: another socket brought what follows, what was sent could not be
    read, or nothing was sent."""
    heard: dict[str | None, list[tuple[int, int]]] = defaultdict(list)
    unread: dict[str | None, list[tuple[int, int]]] = defaultdict(list)
    for line in _lines(stage, call):
        if line.get("kind") == "AudioData":
            kept = unread if UNREADABLE & set(line["faults"]) else heard
            kept[line["lane"]].append((stamp_of(line["stamp"]), line["connection"]))
    origin = min(stamp for stamps in heard.values() for stamp, _ in stamps)
    lanes = {participant["id"]: participant["raw_id"] for participant in session["participants"]}
    for gap in stage.server.gaps(uuid.UUID(session["id"])):
        lane = lanes[gap["participant"]]
        start, end = origin + gap["from_ms"] * MS, origin + gap["to_ms"] * MS
        _, before = max(known for known in heard[lane] if known[0] < start)
        _, after = min(known for known in heard[lane] if known[0] >= end)
        wrong = any(start <= stamp < end for stamp, _ in unread[lane])
        cause = "socket_lost" if before != after else "malformed" if wrong else "provider_silent"
        assert gap["cause"] == cause, gap


def nothing_lost(stage: Stage, call: Shape, session: Shape) -> None:
    """Each lane without its gaps is what was sent, in order. For stamps that are not even. Frames are whole, or halves:
    so what is between two gaps is known to the sample, although the gaps' begin is told in whole ms."""
    session_id = uuid.UUID(session["id"])
    stored, gaps = stage.server.lanes(session_id), stage.server.gaps(session_id)
    bytes_a_ms, half = call["sample_rate"] // 500, call["sample_rate"] // 50
    for participant in session["participants"]:
        lane = participant["raw_id"]
        sound, at, kept = stored[lane], participant["first_ms"] * bytes_a_ms, b""
        mine = sorted((g for g in gaps if g["participant"] == participant["id"]), key=lambda g: int(g["from_ms"]))
        for gap in mine:
            start = at + round((gap["from_ms"] * bytes_a_ms - at) / half) * half
            kept += sound[at:start]
            at = start + gap["samples"] * 2
        sent = b"".join(frame.pcm for frame in in_order(lanes_sent(stage, call)[lane]))
        kept += sound[at:]
        assert kept[: len(sent)] == sent, f"{lane} differs: {_difference(kept, sent)}; {mine}"
        assert not any(kept[len(sent) :]), "more than was sent"


FARTHEST, LONGEST = 5, 2_500 * MS  # frames, and time; what comes later than that stays where it came
JUMP = 5_000 * MS


def in_order(frames: list[Frame]) -> list[Frame]:
    """Without those that came twice, where stamps can tell, and in the order of stamps where they were displaced a
    little."""
    finer, found = any(frame.stamp % (1000 * MS) for frame in frames), list[Frame]()
    for frame in frames:
        if finer and frame.stamp and frame in found[-50:]:
            continue
        ahead = [other for other in found[-50:] if 0 < other.stamp - frame.stamp < JUMP]
        moves = len(ahead) <= FARTHEST and all(frame.wall - other.wall < LONGEST for other in ahead)
        found.insert(len(found) - (len(ahead) if moves else 0), frame)
    return found


def _difference(one: bytes, other: bytes) -> str:
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{len(one)} and {len(other)} bytes, from byte {at}"
