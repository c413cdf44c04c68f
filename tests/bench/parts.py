"""The parts of a run: what each measures, the table it prints, and what is said of it."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench import eyes, latency, memory, report, servers, speed
from tests.bench.progress import progress

PHASES = [(50, 0), (200, 0), (200, 4)]  # sockets, lanes of each
QUICK_PHASES = [(10, 0), (10, 4)]
SOAK = (300, 600.0)
MEMORY_SECONDS = 14.0  # the archiver takes a stream's first chunk after at most 11 s

Chosen = argparse.Namespace


class Part(NamedTuple):
    measure: Callable[[Chosen, Path], list[Any]]
    table: Callable[[list[Any]], str]
    said: Callable[[list[Any]], list[str]]


def of_paths(chosen: Chosen, folder: Path) -> list[speed.Figure]:
    """Each path with each number of streams; in every other round the other way round."""
    figures = []
    wanted = [c for c in servers.CONTENDERS if not chosen.only or c.name in chosen.only]
    for streams in chosen.streams:
        these = [c for c in wanted if streams == chosen.streams[0] or not c.heavy]
        for turn in range(chosen.rounds):
            for contender in these if turn % 2 == 0 else reversed(these):
                progress(f"{contender.title}: {streams} streams, {chosen.seconds:.0f} s")
                place = folder / f"{contender.name}-{streams}-{turn}"
                figures.append(speed.measure(contender, streams, chosen.seconds, place))
    return report.typical(figures)


def of_latency(chosen: Chosen, folder: Path) -> list[latency.Lived]:
    found = []
    for streams in chosen.streams:
        progress(f"latency: {streams} streams, {chosen.seconds:.0f} s")
        found.append(latency.measure(streams, chosen.seconds, folder / str(streams)))
    return found


def of_soak(chosen: Chosen, folder: Path) -> list[latency.Lived]:
    streams, seconds = SOAK
    progress(f"soak: {streams} streams, {seconds:.0f} s")
    return [latency.measure(streams, seconds, folder)]


def of_memory(chosen: Chosen, folder: Path) -> list[memory.Held]:
    phases, seconds = (QUICK_PHASES, chosen.seconds) if chosen.quick else (PHASES, MEMORY_SECONDS)
    return memory.measure(phases, seconds, folder)


def of_audience(chosen: Chosen, folder: Path) -> list[eyes.Seen]:
    return eyes.measure(chosen.streams[0], chosen.seconds / 2, folder)


SPEED = "speed"  # which --only knows by the names of its paths
PARTS = {
    SPEED: Part(of_paths, report.speed_table, report.speed_verdicts),
    "latency": Part(of_latency, latency.latency_table, latency.latency_verdicts),
    "memory": Part(of_memory, report.memory_table, report.memory_verdicts),
    "audience": Part(of_audience, report.eyes_table, report.audience_costs),
}
SOAKING = Part(of_soak, latency.latency_table, latency.latency_verdicts)  # only when asked for
NAMES = [*(contender.name for contender in servers.CONTENDERS), *(name for name in PARTS if name != SPEED)]


def wanted(chosen: Chosen) -> dict[str, Part]:
    """The parts that a choice of NAMES means; none chosen: all."""
    if chosen.soak:
        return {"soak": SOAKING}
    if not chosen.only:
        return PARTS
    only, paths = set(chosen.only), {contender.name for contender in servers.CONTENDERS}
    return {name: part for name, part in PARTS.items() if name in only or (name == SPEED and paths & only)}
