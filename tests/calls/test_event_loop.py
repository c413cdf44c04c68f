"""The event loop of calls: what runs there ends, fails and is closed in order, also where no database answers."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection

from calls.db_threads import DatabaseThreads
from calls.event_loop import EventLoopThread
from calls.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def background() -> Iterator[EventLoopThread]:
    made = EventLoopThread()
    yield made
    if made.thread.is_alive():
        made.close(1)


def backends() -> int:
    """Connections to the test's database besides this thread's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        row = cursor.fetchone()
        assert row
        return int(row[0])


@pytest.fixture(autouse=True)
def _nobody_sleeps_on() -> Iterator[None]:
    """The database goes on with what nobody waits for."""
    yield
    terminate()


def terminate() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def sleep_in_the_database(seconds: float) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])
    return "slept"


async def people(background: EventLoopThread) -> int:
    return await background.database.ask(Person.objects.count)


def test_many_questions_share_few_connections_that_it_closes(background: EventLoopThread) -> None:
    Person.objects.create(raw_id="4:+1", name="Ada")
    before = backends()

    async def many() -> list[int]:
        return await asyncio.gather(*(people(background) for _ in range(200)))

    assert background.submit(many()).result(20) == [1] * 200
    assert 1 <= backends() - before <= 8
    background.close(2)
    until = time.monotonic() + 10  # PostgreSQL's processes end a moment after their connections
    while backends() > before and time.monotonic() < until:
        time.sleep(0.05)
    assert backends() <= before
    assert not background.thread.is_alive()


def test_an_error_goes_to_whoever_waits_or_to_the_log(
    background: EventLoopThread, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="a fault of ours"):
        background.submit(fail()).result(5)
    with caplog.at_level(logging.ERROR):
        background.spawn(fail(), "doing something")
        background.close(2)
    assert "doing something failed." in caplog.text


def test_it_lets_work_end_and_ends_what_never_would(background: EventLoopThread) -> None:
    done = threading.Event()

    async def soon() -> None:
        await asyncio.sleep(0.3)
        done.set()

    async def never() -> None:
        await asyncio.Event().wait()

    background.spawn(never(), "an endless thing", endless=True)
    background.spawn(soon(), "a short thing")
    began = time.monotonic()
    background.close(5)
    assert done.is_set()
    assert time.monotonic() - began < 4
    assert background.loop.is_closed()


def test_a_connection_that_broke_is_replaced(background: EventLoopThread) -> None:
    assert background.submit(people(background)).result(5) == 0
    terminate()
    assert background.submit(people(background)).result(5) == 0


async def test_who_waits_for_a_database_that_hangs_is_told_and_the_thread_is_free_again() -> None:
    questions = DatabaseThreads(threads=2, patience=0.5)
    began = time.monotonic()
    hanging = [questions.ask(lambda: sleep_in_the_database(60)) for _ in range(4)]
    for answer in await asyncio.gather(*hanging, return_exceptions=True):
        assert isinstance(answer, OperationalError)
        assert "did not answer within" in str(answer)
    assert time.monotonic() - began < 10
    await asyncio.sleep(1.5)
    assert await questions.ask(lambda: sleep_in_the_database(0)) == "slept"
    await questions.close(2)


async def test_it_closes_although_the_database_hangs() -> None:
    questions = DatabaseThreads(threads=2, patience=60)
    hanging = [asyncio.ensure_future(questions.ask(lambda: sleep_in_the_database(60))) for _ in range(2)]
    await asyncio.sleep(0.2)
    began = time.monotonic()
    await questions.close(0.5)
    answers = await asyncio.gather(*hanging, return_exceptions=True)
    assert all(isinstance(answer, OperationalError) for answer in answers)
    assert time.monotonic() - began < 10
