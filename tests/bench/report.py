"""The tables of speed, memory and audience, what is asked of them, and the JSON. The other parts bring their own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench import eyes, memory, servers, speed
from tests.bench.servers import EMPTY, NODEJS, PULLED, STOCK, WHOLE
from tests.bench.tables import at_least, at_most, table

MOST_OF_EMPTY, MOST_OF_NODE, MOST_ADDED, LEAST_OF_STOCK = 1.8, 1.2, 0.5, 2.5
MIXED_KB, FOUR_LANES_KB, ARCHIVER_MIB = 100, 250, 64
MOST_OF_OTHERS = 0.2
FRAMES_PER_CORE = 20_000  # µs in the 20 ms of a frame


def typical(figures: list[speed.Figure]) -> list[speed.Figure]:
    """Of several rounds the middle one of each path, in the order of the table."""
    order = [contender.name for contender in servers.CONTENDERS]
    rounds: dict[tuple[int, int], list[speed.Figure]] = {}
    for figure in sorted(figures, key=lambda figure: figure.us):
        rounds.setdefault((figure.streams, order.index(figure.name)), []).append(figure)
    return [found[(len(found) - 1) // 2] for _, found in sorted(rounds.items())]


def speed_table(figures: list[speed.Figure]) -> str:
    """Per number of streams one block, each path beside the empty loop and Node.js of the same run."""
    titles = {contender.name: contender.title for contender in servers.CONTENDERS}
    rows = [
        (
            titles[figure.name], figure.streams, f"{figure.us:.1f}",
            f"{figure.loop_us:.1f} + {figure.threads_us:.1f} + {figure.postgres_us:.1f}",
            _ratio(figures, figure, EMPTY), _ratio(figures, figure, NODEJS),
            f"{FRAMES_PER_CORE / figure.us:.0f}", remark(figure),
        )
        for figure in figures
    ]  # fmt: skip
    heads = ("path", "streams", "µs per frame", "loop + threads + PostgreSQL", "/ empty", "/ Node.js")
    return table((*heads, "streams per core", ""), rows)


def _ratio(figures: list[speed.Figure], figure: speed.Figure, other: str) -> str:
    found = ratio(figures, figure, other)
    return f"{found:.2f}" if found else "–"


def ratio(figures: list[speed.Figure], figure: speed.Figure, other: str) -> float | None:
    """To the path `other` at as many streams; None where that was not measured."""
    beside = _find(figures, other, figure.streams)
    return figure.us / beside.us if beside else None


def _find(figures: list[speed.Figure], name: str, streams: int) -> speed.Figure | None:
    return next((figure for figure in figures if (figure.name, figure.streams) == (name, streams)), None)


def remark(figure: speed.Figure) -> str:
    remarks = []
    if figure.lost:
        remarks.append(f"{figure.lost} frames lost")
    if not figure.kept_pace:
        remarks.append(f"did not keep pace ({figure.behind_seconds:.1f} s behind)")
    if figure.others > MOST_OF_OTHERS:
        remarks.append(f"other programs had {figure.others:.0%} of its core")
    return "; ".join(remarks)


def disturbed(figures: list[speed.Figure]) -> list[str]:
    """Whether to believe them."""
    most = max((figure.others for figure in figures), default=0.0)
    words = f"Other programs had up to {most:.0%} of the server's core: on a quiet machine the figures are better."
    return [words] if most > MOST_OF_OTHERS else []


def speed_verdicts(figures: list[speed.Figure]) -> list[str]:
    said: list[str] = []
    for whole in figures:
        if whole.name != WHOLE:
            continue
        empty, node, stock = (_find(figures, name, whole.streams) for name in (EMPTY, NODEJS, STOCK))
        pulled = _find(figures, PULLED, whole.streams) or empty  # the product's own way of reading, emptied
        at = f"at {whole.streams} streams"
        if empty:
            said.append(at_most(f"whole path / empty loop {at}", whole.us / empty.us, MOST_OF_EMPTY, digits=2))
        if node:
            said.append(at_most(f"whole path / Node.js {at}", whole.us / node.us, MOST_OF_NODE, digits=2))
        if node and pulled:
            added = (whole.us - pulled.us) / node.us
            said.append(at_most(f"what we add to the empty loop / Node.js {at}", added, MOST_ADDED, digits=2))
        if stock:
            said.append(at_least(f"streams of ours / stock {at}", stock.us / whole.us, LEAST_OF_STOCK, digits=2))
    return said


def memory_table(found: list[memory.Held]) -> str:
    """Growth per socket and of the archiver."""
    rows = [
        (
            f"{held.sockets} sockets, {f'{held.lanes} lanes each' if held.lanes else 'mixed'}",
            f"{held.per_socket / 1000:.0f} kB",
            f"{held.server.most_pss / held.sockets / 1000:.0f} kB",
            f"{held.archiver.most_pss / (1 << 20):.1f} MiB",
            "" if held.behind_seconds < speed.BEHIND_SECONDS else f"{held.behind_seconds:.1f} s behind",
        )
        for held in found
    ]  # fmt: skip
    return table(("memory", "server, per socket", "at most", "archiver, in all, at most", ""), rows)


def memory_verdicts(found: list[memory.Held]) -> list[str]:
    said = []
    for held in found:
        if held.sockets >= 200:
            what = f"memory per {f'{held.lanes}-lane' if held.lanes else 'mixed'} socket"
            said.append(at_most(what, held.per_socket / 1000, FOUR_LANES_KB if held.lanes else MIXED_KB, "kB"))
    most = max(held.archiver.most_pss for held in found) / (1 << 20)
    return [*said, at_most("the archiver's memory", most, ARCHIVER_MIB, "MiB")]


def eyes_table(seen: list[eyes.Seen]) -> str:
    """Who looks and listens, what it costs."""
    rows = [
        (
            f"{each.watch} watch, {each.listen} listen, {each.deaf} take nothing",
            f"{each.cpu_ms:.0f} ms",
            f"{each.loop_ms:.0f} ms",
            f"{each.durable_ms:.0f} ms",
            f"{each.durable_p99_ms:.0f} ms",
        )
        for each in seen
    ]
    return table(("audience", "CPU per second", "event loop", "durable after, mean", "99 % within"), rows)


def audience_costs(seen: list[eyes.Seen]) -> list[str]:
    """What one more of them costs, in CPU time per second."""
    cpu = {(each.watch, each.listen, each.deaf): each.cpu_ms for each in seen}
    more, nobody = eyes.MORE, (seen[0].cpu_ms + seen[-1].cpu_ms) / 2
    watcher = (cpu[1 + more, 0, 0] - cpu[1, 0, 0]) / more
    listener = (cpu[0, 1 + more, 0] - cpu[0, 1, 0]) / more
    return [
        f"the first watcher: {cpu[1, 0, 0] - nobody:.0f} ms of CPU per second; each more: {watcher:.1f} ms",
        f"the first listener: {cpu[0, 1, 0] - nobody:.0f} ms of CPU per second; each more: {listener:.1f} ms",
    ]


def write(path: Path, machine: Mapping[str, object], found: Mapping[str, Sequence[Any]], said: list[str]) -> None:
    """`found`: of each part its figures, dataclasses all."""
    rows = {part: [asdict(each) for each in figures] for part, figures in found.items()}
    for figure, row in zip(found.get("speed", ()), rows.get("speed", ()), strict=True):
        row["ratio"], row["to_node"] = (ratio(list(found["speed"]), figure, other) for other in (EMPTY, NODEJS))
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": machine, **rows, "verdicts": said}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
