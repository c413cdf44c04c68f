"""Scenarios that mostly wait, at the same time: each in a thread and with processes of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def at_once(*scenarios: Callable[[], None]) -> None:
    """Runs all to their ends; raises what the first of those that failed raised."""
    with ThreadPoolExecutor(len(scenarios)) as threads:
        for done in [threads.submit(scenario) for scenario in scenarios]:
            done.result()
