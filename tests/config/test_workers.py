"""WORKERS: several serving processes on one port, evenly loaded, replaced without a refused connection."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.redis_server import running_redis
from tests.serving import RunningServer

MOST = 12  # streams of a process
HUNG = 10  # seconds


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("workers")
    with running_redis(folder) as layer:
        (folder / "token").write_text("a token for figures\n")
        token = {"METRICS_TOKEN_FILE": str(folder / "token")}
        settings = {
            "WORKERS": "2",
            "REDIS_URL": layer.url,
            "MEDIA_MAX_STREAMS": str(MOST),
            "DRAIN_SECONDS": "2",
            "WORKER_HUNG_SECONDS": str(HUNG),
            **token,
        }
        server = RunningServer(folder / "var", settings)
        try:
            server.start()
            yield server
            workers = workers_of(server)
            server.kill()
            assert not psutil.wait_procs(workers, 30)[1], "they end when the process that looks after them is killed"
            assert not list((server.var_dir / "spool").iterdir()), "what was received is archived"
            assert "Traceback" not in server.output()
        finally:
            server.kill()


def workers_of(server: RunningServer) -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(server.pid).children()
    return found


def figure(server: RunningServer, name: str, **labels: str) -> dict[str, float]:
    """By process."""
    status, text, _ = server.get("/metrics")
    assert status == 200
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples if s.name == name]
    return {s.labels["process"]: s.value for s in samples if labels.items() <= s.labels.items()}


def until(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.1)


async def opened(stack: contextlib.AsyncExitStack, server: RunningServer, count: int) -> list[ClientConnection]:
    dials = [connect(server.media_url(), compression=None, proxy=None, close_timeout=1) for _ in range(count)]
    return list(await asyncio.gather(*(stack.enter_async_context(dial) for dial in dials)))


def test_they_are_one_server_to_whoever_starts_it(pair: RunningServer) -> None:
    assert pair.wait_for_output("Listening").count(f"Listening on {pair.url}\n") == 1
    assert len(workers_of(pair)) == 2
    assert (pair.var_dir / "server.pid").read_text() == f"{pair.pid}\n"
    until(lambda: len(figure(pair, "recorder_sockets")) == 2, "/metrics tells of both, whichever is asked")


async def test_streams_are_spread_evenly_and_a_full_process_is_passed_by(pair: RunningServer) -> None:
    async with contextlib.AsyncExitStack() as stack:
        await opened(stack, pair, MOST)
        until(lambda: sum(figure(pair, "recorder_sockets").values()) == MOST, "all are counted")
        assert max(figure(pair, "recorder_sockets").values()) <= MOST * 3 // 4
        await opened(stack, pair, MOST)  # at once, and none of them is refused as long as anybody has room
        with pytest.raises(InvalidStatus) as refused:
            await opened(stack, pair, 1)
        assert refused.value.response.status_code == 503
        assert f"takes {MOST} streams at once".encode() in (refused.value.response.body or b"")
        until(lambda: set(figure(pair, "recorder_sockets").values()) == {MOST}, "both are full, and say so")
        until(lambda: sum(figure(pair, "recorder_sockets_refused_total", reason="full").values()) == 1, "a refusal")


async def test_one_that_dies_is_replaced_and_the_other_goes_on(pair: RunningServer) -> None:
    until(lambda: sum(figure(pair, "recorder_sockets").values()) == 0, "the streams of before are gone")
    async with contextlib.AsyncExitStack() as stack:
        streams: list[ClientConnection] = []
        while len(streams) < 2 or not min(sockets := figure(pair, "recorder_sockets").values()) or len(sockets) < 2:
            streams += await opened(stack, pair, 1)  # a busy machine does not spread them evenly
            await asyncio.sleep(1.2)  # so that it is told
        dies, stays = workers_of(pair)
        dies.kill()
        until(lambda: len(set(workers_of(pair)) - {dies, stays}) == 1, "a new one")
        states = [await alive(stream) for stream in streams]
        assert 0 < sum(states) < len(states)
        until(lambda: len(figure(pair, "recorder_sockets")) >= 2, "the new one says how it stands")
    assert f"Process {dies.pid} was killed by signal 9" in pair.output()


async def alive(stream: ClientConnection) -> bool:
    try:
        await (await stream.ping())
    except ConnectionClosed:
        return False
    return True


async def test_streams_that_run_come_before_those_that_were_refused_while_all_are_replaced(pair: RunningServer) -> None:
    """Every place is taken, and others dial again and again for one."""
    until(lambda: all_are_there(pair), "both run, and the streams of before are gone")
    moved, refused, stolen, over = 0, 0, 0, False

    async def stays(url: str) -> None:
        """As ACS does: dials again at once, the same URL."""
        nonlocal moved
        while True:
            try:
                async with connect(url, compression=None, proxy=None) as stream:
                    opened_now.append(url)
                    with contextlib.suppress(ConnectionClosed):
                        await stream.recv()
                moved += 1
            except InvalidStatus:
                if url in opened_now:
                    raise
                await asyncio.sleep(0.2)  # one that was started anew tells of itself before it takes connections

    async def waits() -> None:
        nonlocal refused, stolen
        while not over:
            try:
                async with connect(pair.media_url(), compression=None, proxy=None):
                    stolen += 1
                    return
            except InvalidStatus as answer:
                refused += answer.response.status_code == 503
            await asyncio.sleep(0.05)

    opened_now: list[str] = []
    running = [asyncio.create_task(stays(pair.media_url())) for _ in range(2 * MOST)]
    await until_async(lambda: len(opened_now) == 2 * MOST, "all run")
    before = workers_of(pair)
    waiting = [asyncio.create_task(waits()) for _ in range(4)]
    pair.signal(signal.SIGHUP)
    await until_async(lambda: not set(before) & set(workers_of(pair)), "all are new")
    await until_async(lambda: len(opened_now) >= 4 * MOST, "all have moved")
    assert not [task for task in running if task.done()], "a stream that ran was refused"
    assert (moved, stolen) == (2 * MOST, 0)
    assert refused > 10
    running[0].cancel()
    await until_async(lambda: stolen > 0, "a place that is free is given away")
    over = True
    await asyncio.gather(*waiting)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_all_are_replaced_without_a_refusal(pair: RunningServer) -> None:
    async with contextlib.AsyncExitStack() as stack:
        before = workers_of(pair)
        streams = await opened(stack, pair, 6)
        pair.signal(signal.SIGHUP)
        dialled, latest = 0, time.monotonic() + 120
        while set(before) & set(workers_of(pair)):
            async with contextlib.AsyncExitStack() as moment:
                await opened(moment, pair, 2)
            assert (await asyncio.to_thread(pair.get, "/login/"))[0] == 200
            dialled += 1
            assert time.monotonic() < latest, pair.output()
        assert dialled > 5
        codes = []
        for stream in streams:
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(stream.recv(), 60)
            codes.append(closed.value.rcvd and closed.value.rcvd.code)
        assert codes == [1012] * len(streams)
    pair.wait_for_output("All processes are new.")
    assert len(workers_of(pair)) == 2


async def test_one_that_hangs_is_noticed_and_replaced(pair: RunningServer) -> None:
    until(lambda: sum(figure(pair, "recorder_sockets").values()) == 0, "the streams of before are gone")
    async with contextlib.AsyncExitStack() as stack:
        hangs, goes_on = workers_of(pair)
        hangs.suspend()
        streams = await opened(stack, pair, 3)  # whoever is awake takes them
        await asyncio.to_thread(pair.wait_for_output, f"Process {hangs.pid} hangs for {HUNG}", 6 * HUNG)
        await until_async(lambda: len(set(workers_of(pair)) - {hangs, goes_on}) == 1, "a new one")
        assert goes_on.is_running()
        assert all([await alive(stream) for stream in streams])
    assert f"Process {hangs.pid} was killed by signal 9" in pair.output()


def all_are_there(pair: RunningServer) -> bool:
    found = figure(pair, "recorder_sockets")
    return {int(process.partition("-")[0]) for process in found} >= {one.pid for one in workers_of(pair)} and not sum(
        found.values()
    )


async def until_async(holds: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(until, holds, what, 120)


async def test_they_go_on_where_a_new_one_cannot_start(pair: RunningServer) -> None:
    token = Path(pair.extra["METRICS_TOKEN_FILE"] or "")
    async with contextlib.AsyncExitStack() as stack:
        before = workers_of(pair)
        streams = await opened(stack, pair, 4)
        token.rename(token.with_name("elsewhere"))
        pair.signal(signal.SIGHUP)
        await asyncio.to_thread(pair.wait_for_output, "the others go on as they are", 60)
        await until_async(lambda: workers_of(pair) == before, "the one that did not start is gone")
        assert all([await alive(stream) for stream in streams])
    token.with_name("elsewhere").rename(token)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"WORKERS": "2", "REDIS_URL": None}, "cannot tell each other anything without REDIS_URL"),
        ({"WORKERS": "2", "SERVER": "daphne"}, "WORKERS=2 needs SERVER=uvicorn"),
    ],
)
def test_it_says_what_several_processes_need(tmp_path: Path, settings: dict[str, str | None], sentence: str) -> None:
    server = RunningServer(tmp_path / "var", settings, fresh=True)
    server.launch()
    assert server.wait() == 1
    assert sentence in server.output()
    assert "Traceback" not in server.output()
