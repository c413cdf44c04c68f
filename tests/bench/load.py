"""The sender: plays many sockets from one process, at real-time pace, each socket at its own moment of the 20 ms; or
flat out.

`python -m tests.bench.load` reads an Order as JSON from stdin and writes one line of JSON per step reached: open, warm,
sent, closed. Blocking sockets and an absolute timetable: an event loop would cost more and wake up to 1 ms late.
"""

import ctypes
import json
import select
import socket
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.bench.frames import FRAME_NS, Lane, Template, masked, metadata, speech, stamp_at, templates

PR_SET_TIMERSLACK = 29
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "x-ms-call-connection-id: bench-{number}\r\nx-ms-call-correlation-id: bench-{number}\r\n\r\n"
)
OPCODE_CLOSE = 8
ANSWER_SECONDS = 60.0
PIECE = 25  # frames of a lane in one piece, flat out


@dataclass(frozen=True)
class Order:
    """What to send: to each URL one socket. `lanes` 0 is mixed audio; `warm` seconds come before those that count.
    `flat_out`: as fast as the sockets take it, in pieces of half a second, with the stamps of real time until now."""

    urls: list[str]
    lanes: int
    seconds: float
    warm: float
    flat_out: bool = False


def lanes_of(number: int, lanes: int) -> list[Lane]:
    return [f"4:+1555{number:05}{lane:02}" for lane in range(lanes)] or [None]


def connect(url: str, number: int) -> socket.socket:
    """An open WebSocket. Raises ConnectionError with the server's answer when it refuses."""
    parts = urlsplit(url)
    opened = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.sendall(HANDSHAKE.format(path=parts.path, host=parts.netloc, number=number).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = opened.recv(4096)
        if not piece:
            break
        answer += piece
    if b" 101 " not in answer.partition(b"\r\n")[0]:
        raise ConnectionError(f"the server refused a stream: {answer[:300].decode(errors='replace')}")
    opened.sendall(metadata())
    return opened


class Player:
    """All sockets and their timetable."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.voice = speech()
        self.sockets: list[socket.socket] = []
        self.lanes: list[list[Template]] = []
        self.latest = 0  # ns that the worst frame was late
        self.sent = 0

    def open(self) -> None:
        for number, url in enumerate(self.order.urls):
            self.sockets.append(connect(url, number))
            self.lanes.append(templates(lanes_of(number, self.order.lanes), self.voice[0]))

    def play(self) -> None:
        """Socket s sends its frame k at begin + 20 ms · (k + s / sockets), and that moment is its stamp."""
        step = FRAME_NS / len(self.sockets)
        begin = time.monotonic_ns() + FRAME_NS
        clock = time.time_ns() - time.monotonic_ns()
        for tick in range(round((self.order.warm + self.order.seconds) * 50)):
            if tick == round(self.order.warm * 50):
                say("warm", sent=self.sent)
                self.latest = 0
            for number, opened in enumerate(self.sockets):
                due = begin + tick * FRAME_NS + int(number * step)
                stamp = stamp_at(clock + due)
                self._wait_until(due)
                data = self.voice[(tick + 37 * number) % len(self.voice)]
                opened.sendall(b"".join([lane.whole(stamp, data) for lane in self.lanes[number]]))
            self.sent += sum(map(len, self.lanes))

    def rush(self) -> None:
        """Every socket has as much to take as all others, in turn."""
        ticks = round(self.order.seconds * 50)
        clock = time.time_ns() - ticks * FRAME_NS
        say("warm", sent=self.sent)
        for first in range(0, ticks, PIECE):
            piece = [(tick, stamp_at(clock + tick * FRAME_NS)) for tick in range(first, min(ticks, first + PIECE))]
            for number, opened in enumerate(self.sockets):
                lanes, voice, begin = self.lanes[number], self.voice, 37 * number
                opened.sendall(
                    b"".join(
                        [
                            lane.whole(stamp, voice[(tick + begin) % len(voice)])
                            for tick, stamp in piece
                            for lane in lanes
                        ]
                    )
                )
            self.sent += len(piece) * sum(map(len, self.lanes))

    def _wait_until(self, due: int) -> None:
        early = due - time.monotonic_ns()
        if early > 0:
            time.sleep(early / 1e9)
        elif -early > self.latest:
            self.latest = -early

    def close(self) -> float:
        """Closes all as ACS does, and waits for the answers. The seconds it took: a server that has kept pace answers
        at once, one that is behind reads first what lies before the close frame."""
        began = time.monotonic()
        for opened in self.sockets:
            opened.sendall(masked((1000).to_bytes(2, "big"), OPCODE_CLOSE))
        waiting = {opened.fileno(): opened for opened in self.sockets}
        poll = select.poll()
        for number in waiting:
            poll.register(number, select.POLLIN)
        while waiting and time.monotonic() - began < ANSWER_SECONDS:
            for number, _ in poll.poll(1000):
                if not waiting[number].recv(4096):
                    poll.unregister(number)
                    del waiting[number]
        return time.monotonic() - began


def say(step: str, **facts: float) -> None:
    sys.stdout.write(json.dumps([step, facts]) + "\n")
    sys.stdout.flush()


def main() -> None:
    order = Order(**json.loads(sys.stdin.readline()))
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)  # or each sleep lasts 50 µs longer
    player = Player(order)
    player.open()
    say("open")
    if order.flat_out:
        player.rush()
    else:
        player.play()
    say("sent", sent=player.sent, latest_ms=player.latest / 1e6)
    say("closed", seconds=player.close())


if __name__ == "__main__":
    main()
