"""What holds for every test: no network beyond this machine, and, for CI (RECORDER_NO_SKIP=1), no test skipped."""

import ipaddress
import os
import sys
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest


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


def _fail_instead(report: Any) -> None:
    """Where everything is said to be installed, a skipped test hides a missing component. Expected failures stay."""
    if os.environ.get("RECORDER_NO_SKIP") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"skipped although RECORDER_NO_SKIP is set: {reason}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In one of several processes: the tests of a file stay together, as those of a group do; long ones go first."""
    if not config.getoption("loadgroup", False):
        return
    slow: Counter[str] = Counter()
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.location[0]))
        slow[_group_of(item)] += bool(item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[_group_of(item)])


def _group_of(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else ""


def pytest_sessionfinish() -> None:
    if serving := sys.modules.get("tests.serving"):
        serving.stop_what_was_left()


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
