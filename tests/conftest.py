"""What holds for every test: no network beyond this machine, and, for CI (RECORDER_NO_SKIP=1), no test skipped."""

import ipaddress
import os
import signal
import sys
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings


def _loopback_only(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuses connections to other machines: a test that needs one would fail on the next machine."""
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    try:
        allowed = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        allowed = host == "localhost"
    if not allowed:
        raise PermissionError(f"Tests have no network: a connection to {host} was refused.")


sys.addaudithook(_loopback_only)
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup, servers that tests start would inherit that it is ignored

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # how long an example takes says how busy the machine is


def _fail_instead(report: Any) -> None:
    """Where everything is said to be installed, a skipped test hides a missing component. Expected failures stay."""
    if os.environ.get("RECORDER_NO_SKIP") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"skipped although RECORDER_NO_SKIP is set: {reason}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    from tests.parallel import Together

    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first in one of several processes; else as they stand."""
    for item in items:
        if _empties_the_database(item):
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True), append=False)
    if os.environ.get("PYTEST_XDIST_WORKER"):
        from tests.parallel import place_of

        items.sort(key=lambda item: place_of(item.nodeid))


def _empties_the_database(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """What migrations wrote is there again after a test that emptied the database, unless the next one sees to that."""
    answer = yield
    if nextitem and _empties_the_database(item) and not _empties_the_database(nextitem):
        from django.db import connection
        from pytest_django.plugin import blocking_manager_key

        with item.config.stash[blocking_manager_key].unblock():
            written: str = connection._test_serialized_contents  # type: ignore[attr-defined]
            connection.creation.deserialize_db_from_string(written)
    return answer


def pytest_sessionfinish() -> None:
    if serving := sys.modules.get("tests.serving"):
        serving.stop_what_was_left()


@pytest.fixture(autouse=True)
def _no_event_loop_is_left() -> Generator[None]:
    """An event loop of calls that a test opened holds connections to its database, which could then not be dropped."""
    yield
    if event_loop := sys.modules.get("calls.event_loop"):
        event_loop.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_instead(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_instead(report)
    return report
