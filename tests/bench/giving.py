"""How fast a stored call is given back, over HTTP, with the server on one core: exports of an hour of two lanes in
every format, and the first byte of playback at a random place of four hours. The call comes through the ordinary door,
flat out."""

import http.client
import random
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from media.ingest import tokens
from media.sessions import identity
from tests.bench import processes
from tests.bench.eyes import SIGN_IN
from tests.bench.load import Order
from tests.bench.progress import progress
from tests.bench.sending import Sender
from tests.bench.servers import Whole
from tests.bench.tables import at_least, table

LANES = 2
HOUR = 3600
# (format, layout, at most so many seconds of the call); the two that take long are asked for less
EXPORTS = (
    ("wav", "mono", HOUR), ("wav", "stereo", HOUR), ("flac", "mono", HOUR), ("flac", "stereo", HOUR),
    ("mp3", "mono", HOUR / 6), ("opus", "mono", HOUR / 6),
)  # fmt: skip
PLACES = 50
BLOCK = 1 << 20
STORED_SECONDS = 900.0
WAV_TIMES, FLAC_TIMES_PER_CORE = 1500, 1000


@dataclass(frozen=True, slots=True)
class Given:
    """One export, or (`kind` play) the first bytes of playback. `seconds` of audio took `took` seconds, and `cpu` of
    the server and PostgreSQL; of playback `took` is the middle of all places and `most` the longest."""

    kind: str
    layout: str
    seconds: float
    took: float
    cpu: float
    size: int
    most: float = 0.0

    @property
    def times(self) -> float:
        return self.seconds / self.took

    @property
    def times_per_core(self) -> float:
        return self.seconds / max(self.cpu, 0.01)


def measure(seconds: float, folder: Path) -> list[Given]:
    """A call of so many seconds."""
    server = Whole(folder, "uvicorn")
    with processes.pinned(processes.cores()[0]):
        server.start()
    try:
        server.put_ahead()
        call = uuid.uuid4()
        progress(f"a call of {seconds / HOUR:.1f} hours and two lanes comes in")
        _store(server, f"{server.ws}/acs/media/{tokens.sign_url(call, HOUR)}", seconds)
        cookie = server.manage("shell", "-v0", "-c", SIGN_IN).stdout.split()[-1]
        asking = Asking(server, cookie, f"/api/v1/sessions/{identity.session_of_url(call)}/audio")
        return [*(asking.export(kind, layout, min(most, seconds)) for kind, layout, most in EXPORTS), asking.play()]
    finally:
        server.__exit__()


def _store(server: Whole, url: str, seconds: float) -> None:
    with Sender(Order([url], LANES, seconds, 0.0, flat_out=True)) as sender:
        for step in ("open", "warm", "sent", "closed"):
            sender.wait_for(step)
    server.database.wait_until_archived(1, STORED_SECONDS)


class Asking:
    """A signed-in browser, as far as one is needed."""

    def __init__(self, server: Whole, cookie: str, path: str) -> None:
        self.server, self.path, self.headers = server, path, {"Cookie": f"sessionid={cookie}"}

    def export(self, kind: str, layout: str, seconds: float) -> Given:
        progress(f"export: {kind}, {layout}, {seconds / 60:.0f} minutes")
        before, began = self.server.cpu(), time.monotonic()
        answer = self._ask(f"?format={kind}&layout={layout}&to_ms={seconds * 1000:.0f}", {})
        size = 0
        while block := answer.read(BLOCK):
            size += len(block)
        took = time.monotonic() - began
        return Given(kind, layout, seconds, took, (self.server.cpu() - before).total, size)

    def play(self) -> Given:
        """As the console's player asks where somebody clicks into a call: from here to the end."""
        progress(f"playback at {PLACES} places")
        size = int(self._ask("?use=play", {"Range": "bytes=0-0"}).headers["Content-Range"].rpartition("/")[2])
        places, before, took = random.Random(1), self.server.cpu(), []
        for _ in range(PLACES):
            began = time.monotonic()
            self._ask("?use=play", {"Range": f"bytes={places.randrange(44, size) // 2 * 2}-"}).read(1)
            took.append(time.monotonic() - began)
        used = (self.server.cpu() - before).total / PLACES
        return Given("play", "mono", size / 32_000, median(took), used, size, max(took))

    def _ask(self, query: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=600)
        connection.request("GET", self.path + query, headers=self.headers | headers)
        answer = connection.getresponse()
        assert answer.status < 300, answer.read(300)
        return answer


def giving_table(found: list[Given]) -> str:
    rows = [
        (
            f"{given.kind}, {given.layout}, {given.seconds / 60:.0f} min",
            f"{given.took:.1f} s", f"{given.times:.0f} ×",
            f"{given.times / HOUR:.2f}", f"{given.times_per_core:.0f} ×", f"{given.size / 1e6:.0f} MB",
        )
        for given in found if given.kind != "play"
    ]  # fmt: skip
    heads = ("export of a call of two lanes", "took", "real time", "hours a second", "per core", "size")
    return table(heads, rows)


def giving_verdicts(found: list[Given]) -> list[str]:
    said = []
    for given in found:
        if given.kind == "wav":
            said.append(at_least(f"export as WAV, {given.layout}, × real time", given.times, WAV_TIMES))
        elif given.kind == "flac":
            what = f"export as FLAC, {given.layout}, × real time per core"
            said.append(at_least(what, given.times_per_core, FLAC_TIMES_PER_CORE))
        elif given.kind == "play":
            found_at = f"{given.took * 1000:.0f} ms, at most {given.most * 1000:.0f}"
            said.append(f"first byte of playback at random places of {given.seconds / HOUR:.1f} hours: {found_at}")
    return said
