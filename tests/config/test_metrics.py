"""/metrics of two servers that share a database: the figures of both, whichever is asked, and of one alone while the
database is away."""

import asyncio
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from media.acs_client import Score, stream
from tests.database import database
from tests.serving import RunningServer

LISTED = {  # what an operator is promised (docs/operations.md, Watching)
    "recorder_sockets",
    "recorder_frames_received_total",
    "recorder_received_bytes_total",
    "recorder_durable_seconds_bucket",
    "recorder_archive_backlog_rows",
    "recorder_spool_bytes",
    "recorder_spool_age_seconds",
    "recorder_archive_lag_seconds",
    "recorder_sockets_refused_total",
    "recorder_spool_errors_total",
}
Sample = tuple[str, tuple[tuple[str, str], ...]]


def figures(server: RunningServer, token: str = "") -> dict[Sample, float]:
    """By name and labels."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    status, text, _ = server.get("/metrics", headers)
    assert status == 200, text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(found: dict[Sample, float], name: str, **labels: str) -> float:
    return sum(
        value for (metric, said), value in found.items() if metric == name and labels.items() <= dict(said).items()
    )


def until(holds: Callable[[], bool], what: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def refused(server: RunningServer) -> None:
    async def knock() -> None:
        async with connect(f"{server.ws}/acs/media/no-token", proxy=None):
            pass

    with pytest.raises(InvalidStatus):
        asyncio.run(knock())


def test_it_tells_the_figures_of_all_processes(tmp_path: Path) -> None:
    sound = Score({"4:+15550100": (np.arange(16_000 * 2) % 200 * 100).astype("<i2").tobytes()})
    with database(tmp_path / "postgres") as shared:
        env = {"DATABASE_URL": shared.url, "REDIS_URL": None, "METRICS_TOKEN": "a figure's token"}
        one, two = RunningServer(tmp_path / "one", env), RunningServer(tmp_path / "two", env)
        with one, two:
            for server in (one, two):
                asyncio.run(stream(server.media_url(uuid.uuid4()), sound))
                refused(server)
            for server in (one, two):
                until(lambda: total(figures(server), "recorder_frames_received_total") == 200, "200 frames")  # noqa: B023
                found = figures(server, "a figure's token")
                assert total(found, "recorder_sockets_opened_total") == 2
                assert total(found, "recorder_sockets_refused_total", reason="token") == 2
                assert total(found, "recorder_sockets_limit") == 1000
                assert total(found, "recorder_received_bytes_total") > 200 * 800
                assert total(found, "recorder_durable_seconds_count") >= 20
                assert total(found, "recorder_durable_seconds_bucket", le="+Inf") == total(
                    found, "recorder_durable_seconds_count"
                )
                assert total(found, "recorder_spool_bytes") > 0
                assert {name for name, _ in found} >= LISTED
                assert len({dict(labels).get("process") for _, labels in found} - {None}) == 2
            for headers in ({"X-Forwarded-For": "127.0.0.1"}, {"Authorization": "Bearer a guess"}):
                assert one.get("/metrics", headers)[0] == 403
            until(lambda: total(figures(one), "recorder_chunks_stored_total") == 2, "two chunks")
            until(lambda: total(figures(one), "recorder_archive_lag_seconds") == 0, "nothing waits")
            shared.stop()
            until(lambda: total(figures(one), "recorder_archive_failing") == 1, "archiving waits")
            alone = figures(one)
            assert total(alone, "recorder_frames_received_total") == 100
            assert total(alone, "recorder_archive_errors_total", kind="database") > 0
            shared.start()


def scope(peer: str | None, **headers: str) -> dict[str, object]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"headers": pairs, "client": peer and (peer, 1)}


def test_it_tells_strangers_nothing() -> None:
    from config.metrics import _allowed

    assert _allowed(scope("127.0.0.1"))
    assert _allowed(scope("::1", host="localhost"))
    assert not _allowed(scope("10.0.0.7"))
    assert not _allowed(scope("10.0.0.7", authorization="Bearer guess"))
    assert not _allowed(scope(None))
    assert not _allowed(scope("127.0.0.1", authorization="Bearer "))


@pytest.mark.parametrize("name", ["x_forwarded_for", "x_forwarded_host", "forwarded", "via", "cf_connecting_ip"])
def test_what_a_tunnel_passes_on_is_not_this_machine(name: str, settings: Any) -> None:
    from config.metrics import _allowed

    assert not _allowed(scope("127.0.0.1", **{name: "127.0.0.1"}))
    settings.METRICS_TOKEN = "a figure's token"
    assert not _allowed(scope("127.0.0.1", **{name: "127.0.0.1"}))
    assert _allowed(scope("127.0.0.1", **{name: "127.0.0.1"}, authorization="Bearer a figure's token"))


def test_a_token_opens_it(settings: Any) -> None:
    from config.metrics import _allowed

    settings.METRICS_TOKEN = "a figure's token"
    assert _allowed(scope("10.0.0.7", authorization="Bearer a figure's token"))
    assert _allowed(scope("127.0.0.1"))
    assert not _allowed(scope("127.0.0.1", authorization="Bearer another token"))
