"""What was lost by each fault, as `make faults` prints it in the end: written down by the tests, which have checked
it. In conftest.py of whoever tells: its hooks and fixtures."""

from collections.abc import Callable
from typing import Any

import pytest

Say = Callable[[str], object]
LINES: list[tuple[str, str, str]] = []
FIGURES: list[str] = []


def tell(fault: str, lost: str, screen: str) -> None:
    """`screen`: what the API and the pages said of it meanwhile and afterwards."""
    LINES.append((fault, lost, screen))


@pytest.fixture
def say() -> Say:
    """Figures, below the table."""
    return FIGURES.append


def table() -> list[str]:
    heads = ("fault", "lost of what was sent", "what the screen said")
    lines = sorted(set(LINES), key=LINES.index)
    widths = [max(len(line[column]) for line in (heads, *lines)) for column in range(3)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in (heads, *lines)]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes passes on what its tests have told."""
    passed_on: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if passed_on is not None:
        passed_on["told"] = (LINES, FIGURES)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    lines, figures = getattr(node, "workeroutput", {}).get("told", ((), ()))
    LINES.extend((line[0], line[1], line[2]) for line in lines)
    FIGURES.extend(figures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LINES:
        terminalreporter.section("what each fault took")
        for line in (*table(), "", *FIGURES):
            terminalreporter.write_line(line)
