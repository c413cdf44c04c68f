"""The spool's disk is nearly full: new streams are refused, those that run go on, and new ones are taken as soon as
there is room. On a disk of its own where one can be mounted, else on the one that everybody uses."""

import asyncio
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.config.test_metrics import figures, total
from tests.faults.conftest import QUICK
from tests.faults.disk import disk
from tests.faults.installation import Installation
from tests.faults.load import Crowd, crowd_of
from tests.faults.told import tell

MIB = 1 << 20


@contextmanager
def nearly_full(folder: Path, mib: int) -> Iterator[None]:
    """So much is taken away, by somebody else."""
    taken = folder / "taken"
    with taken.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, mib * MIB)
    try:
        yield
    finally:
        taken.unlink()


def knock(server: Installation) -> None:
    async def dial() -> None:
        async with connect(server.media_url(uuid.uuid4()), proxy=None):
            pass

    asyncio.run(dial())


@pytest.mark.slow
def test_it_refuses_new_streams_until_there_is_room_and_cuts_none(tmp_path: Path) -> None:
    with disk(tmp_path / "disk") as made:
        folder = made.folder if os.path.ismount(made.folder) else tmp_path
        margin = 300 if os.path.ismount(made.folder) else 3_000  # others use that disk too
        least = shutil.disk_usage(folder).free // MIB - margin
        settings = {**QUICK, "SPOOL_DIR": str(folder / "spool"), "SPOOL_FREE_MIB": str(least)}
        server = Installation(tmp_path / "var", settings)
        try:
            server.start(seconds=120)
            talkers = crowd_of(3, 10)
            with Crowd(server.ws, talkers) as crowd:
                server.until(crowd.spoke, 60, "not all streams spoke")
                with nearly_full(folder, margin + margin // 3):
                    server.until(lambda: total(figures(server), "recorder_disk_low") == 1, 30, "it does not notice")
                    with pytest.raises(InvalidStatus) as refused:
                        knock(server)
                    assert refused.value.response.status_code == 503
                    assert b"the disk of the spool has only" in (refused.value.response.body or b"")
                    assert total(figures(server), "recorder_sockets") == len(talkers)
                server.until(lambda: total(figures(server), "recorder_disk_low") == 0, 30, "it does not recover")
                knock(server)
                found = figures(server)
                assert total(found, "recorder_sockets_refused_total", reason="disk") == 1
                assert 0 < total(found, "recorder_disk_free_bytes") < 1 << 50
            for talker in talkers:
                server.until_archived(talker.session_id, 60)
                assert (talker.closed, server.lanes(talker.session_id)) == ("", {talker.lane: talker.pcm})
            assert server.stop() == 0
            assert "new streams are refused until there is room" in server.output()
            assert "new streams are taken" in server.output()
            tell("the spool's disk nearly full", "new streams only: refused with 503", "disk low, refusals counted")
        finally:
            server.kill()
