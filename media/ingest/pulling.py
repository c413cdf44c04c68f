"""How a server hands over a socket's messages when it is asked, instead of waking a task for each: an extension of
ASGI, which config/serving/pulled.py offers in a socket's scope. Without it (Daphne) messages come as events only.

`scope["extensions"][EXTENSION]["begin"]` is called right after a socket was accepted. It returns its `Pull`, or None if
the peer was faster than that. A pull returns at once, with the messages that have come since the last one. Anything
that is not a plain message, and the end of the socket, come as events, after all that was pulled before; from then on
so does everything. A socket that is not pulled is not read: that holds its sender back.

Why (CPU of the event loop per frame, 100 streams at real-time pace, each frame at its own moment; the same machine,
within minutes; parsing included, which is 1.6 µs of each):

    messages as events: uvicorn's parser, a queue, a task that wakes        34 to 42 µs
    events, the frame read by config/serving/frames.py                      30
    … and given to the application without queue and task                   22 to 29, of it 15 in the kernel
    pulled every 10 ms; 20; 50; 100                                         10.5; 9; 5; 4

The whole path so went from 72 to 34 µs in one hour of a busy machine. Of these the loop has 6, the spool's thread 4,
the archiver 21 (it decodes, places and encodes in 9, FLAC 3 of them; the rest is files, syncs, PostgreSQL's client and
what is done once a second) and PostgreSQL 3.

What is saved is mostly the kernel's: to wait, wake, read and look again for each frame alone. A parser in C saves less:
aiohttp's takes 0.5 µs a frame, ours 0.3, that of `websockets` 2.4; and a whole server in C, picows 2.3.1, called for
each frame, measured 21 to 25 µs in a run where ours without pulling had 34 to 36 and with it 4.4 to 5.3.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

EXTENSION = "recorder.pull"

Pull = Callable[[], Sequence[str | bytes]]


def pull_of(scope: Mapping[str, Any]) -> Pull:
    """Begins to pull a socket that was just accepted, where it can be."""
    offered = scope.get("extensions", {}).get(EXTENSION)
    begun: Pull | None = offered["begin"]() if offered else None
    return begun or nothing


def nothing() -> Sequence[str | bytes]:
    """The pull of a socket whose messages come as events."""
    return ()
