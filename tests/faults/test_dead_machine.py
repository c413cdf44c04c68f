"""The machine at the other end of a stream is gone, without a word to TCP, and nobody there ever answered a ping: the
kernel finds it out within about a minute, on either server, and the stream counts as lost."""

import asyncio
import ctypes
import socket
import struct
import sys
import time
import uuid

import pytest

from media.sessions.identity import session_of_call
from media.stream.speak import acs_audio, acs_metadata
from tests.faults.deaf import DeafPeer
from tests.faults.installation import Installation
from tests.faults.told import tell

SO_ATTACH_FILTER, RETURN = 26, 0x06
SILENT_SECONDS = 45  # a machine that lives is kept however long it says nothing; so long is tried

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs the packet filter of Linux")


def cut_off(peer: DeafPeer) -> None:
    """From here on nothing reaches the peer's kernel, which so acknowledges nothing, either."""
    nothing = ctypes.create_string_buffer(struct.pack("HBBI", RETURN, 0, 0, 0))
    program = struct.pack("HL", 1, ctypes.addressof(nothing))
    peer.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


async def speaks(server: Installation) -> tuple[DeafPeer, uuid.UUID]:
    call, start = uuid.uuid4(), time.time_ns()
    peer = await DeafPeer.open(server, call)
    peer.say(acs_metadata("subscription", 16_000, 640))
    for number in range(50):
        peer.say(acs_audio(start + number * 20_000_000, None, bytes([number]) * 640, False))
    await peer.writer.drain()
    await asyncio.sleep(2)
    return peer, session_of_call(call)


async def closed_by(server: Installation, session_id: uuid.UUID, within: float) -> str | None:
    end = time.monotonic() + within
    while time.monotonic() < end:
        session = await asyncio.to_thread(server.session, session_id)
        (connection,) = session["connections"]
        if connection["closed_at"]:
            return str(connection["closed_by"])
        await asyncio.sleep(1)
    return None


async def ends(server: Installation) -> None:
    silent, silent_session = await speaks(server)
    dead, dead_session = await speaks(server)
    cut_off(dead)
    assert await closed_by(server, silent_session, SILENT_SECONDS) is None, "its machine answers"
    assert await closed_by(server, dead_session, 60) == "lost"
    assert await closed_by(server, silent_session, 5) is None
    silent.hang_up()
    await asyncio.sleep(0.5)
    for peer in (silent, dead):
        peer.writer.close()
    session = await asyncio.to_thread(server.until_archived, dead_session, 60)
    assert session["frames"]["stored"] == 50
    tell(
        "the machine at the other end gone, without a word to TCP",
        "nothing of what it had sent",
        "no_audio, lost after a minute",
    )


async def test_it_ends_with_a_machine_that_is_gone(uvicorn: Installation, daphne: Installation) -> None:
    await asyncio.gather(ends(uvicorn), ends(daphne))
