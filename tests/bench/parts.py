"""The parts of a run: what each measures, the table it prints, and what is said of it."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench import eyes, flat, giving, lanes, latency, memory, report, servers, speed
from tests.bench.progress import progress

PHASES = [(50, 0), (200, 0), (200, 4)]  # sockets, lanes of each
QUICK_PHASES = [(10, 0), (10, 4)]
SPEAKERS, QUICK_SPEAKERS = (0, 2, 4), (2,)  # 0: mixed
LANE_SECONDS = 20.0
LANE_STREAMS = 50  # four speakers on one core
RUSH, QUICK_RUSH = (50, 180.0), (10, 10.0)  # streams, seconds of audio on each; who is slow gets less of it
CALL, QUICK_CALL = 4 * 3600.0, 60.0
SOAK = (300, 600.0)
AUDIENCE_SECONDS = 8.0  # of each phase
MEMORY_SECONDS = 14.0  # the archiver takes a stream's first chunk after at most 11 s

PATHS = {contender.name: contender for contender in servers.CONTENDERS}
Chosen = argparse.Namespace


class Part(NamedTuple):
    measure: Callable[[Chosen, Path], list[Any]]
    table: Callable[[list[Any]], str]
    said: Callable[[list[Any]], list[str]]


def of_paths(chosen: Chosen, folder: Path) -> list[speed.Figure]:
    """Each path with each number of streams; in every other round the other way round."""
    figures = []
    wanted = [contender for name, contender in PATHS.items() if not chosen.only or name in chosen.only]
    for streams in chosen.streams:
        these = [path for path in wanted if streams == chosen.streams[0] or not path.heavy]
        for turn in range(chosen.rounds):
            for path in these if turn % 2 == 0 else reversed(these):
                # What a path costs that stores nothing does not depend on how long calls last.
                seconds = chosen.seconds if path.kind == "whole" or chosen.quick else chosen.seconds / 3
                progress(f"{path.title}: {streams} streams, {seconds:.0f} s")
                figures.append(speed.measure(path, streams, seconds, folder / f"{path.name}-{streams}-{turn}"))
    return report.typical(figures)


def of_lanes(chosen: Chosen, folder: Path) -> list[speed.Figure]:
    figures, streams = [], min(LANE_STREAMS, *chosen.streams)
    for speakers in QUICK_SPEAKERS if chosen.quick else SPEAKERS:
        seconds = min(chosen.seconds, LANE_SECONDS)
        progress(f"{f'{speakers} speakers, unmixed' if speakers else 'mixed'}: {streams} calls, {seconds:.0f} s")
        place = folder / str(speakers)
        figures.append(speed.measure(PATHS[servers.WHOLE], streams, seconds, place, speakers))
    return figures


def of_flat_out(chosen: Chosen, folder: Path) -> list[flat.Rush]:
    found = []
    streams, seconds = QUICK_RUSH if chosen.quick else RUSH
    for name in (servers.WHOLE, servers.PULLED, servers.EMPTY, servers.NODEJS, servers.STOCK):
        lasting = seconds / 5 if PATHS[name].heavy and not chosen.quick else seconds
        progress(f"flat out, {PATHS[name].title}: {streams} streams of {lasting:.0f} s")
        found.append(flat.measure(PATHS[name], streams, lasting, folder / name))
    return found


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


def of_giving(chosen: Chosen, folder: Path) -> list[giving.Given]:
    return giving.measure(QUICK_CALL if chosen.quick else CALL, folder)


def of_memory(chosen: Chosen, folder: Path) -> list[memory.Held]:
    phases, seconds = (QUICK_PHASES, chosen.seconds) if chosen.quick else (PHASES, MEMORY_SECONDS)
    return memory.measure(phases, seconds, folder)


def of_audience(chosen: Chosen, folder: Path) -> list[eyes.Seen]:
    return eyes.measure(chosen.streams[0], min(chosen.seconds / 2, AUDIENCE_SECONDS), folder)


SPEED = "speed"  # which --only knows by the names of its paths
PARTS = {
    SPEED: Part(of_paths, report.speed_table, report.speed_verdicts),
    "lanes": Part(of_lanes, lanes.lanes_table, lanes.lanes_verdicts),
    "flat-out": Part(of_flat_out, flat.flat_table, flat.flat_verdicts),
    "latency": Part(of_latency, latency.latency_table, latency.latency_verdicts),
    "export": Part(of_giving, giving.giving_table, giving.giving_verdicts),
    "memory": Part(of_memory, report.memory_table, report.memory_verdicts),
    "audience": Part(of_audience, report.eyes_table, report.audience_costs),
}
SOAKING = Part(of_soak, latency.latency_table, latency.latency_verdicts)  # only when asked for
NAMES = [*PATHS, *(name for name in PARTS if name != SPEED)]


def wanted(chosen: Chosen) -> dict[str, Part]:
    """The parts that a choice of NAMES means; none chosen: all."""
    if chosen.soak:
        return {"soak": SOAKING}
    if not chosen.only:
        return PARTS
    only = set(chosen.only)
    return {name: part for name, part in PARTS.items() if name in only or (name == SPEED and only & PATHS.keys())}
