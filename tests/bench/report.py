"""The tables (Markdown, so that they can stand in the README) and the JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from tests.bench import eyes, memory, servers, speed

TARGET_RATIO = 1.8
TARGET_MIXED, TARGET_FOUR_LANES, TARGET_ARCHIVER = 100_000, 250_000, 64 << 20
FRAMES_PER_CORE = 20_000  # µs in the 20 ms of a frame


def typical(figures: list[speed.Figure]) -> list[speed.Figure]:
    """Of several rounds the middle one of each path, in the order of the table."""
    order = [contender.name for contender in servers.CONTENDERS]
    rounds: dict[tuple[int, int], list[speed.Figure]] = {}
    for figure in sorted(figures, key=lambda figure: figure.us):
        rounds.setdefault((figure.streams, order.index(figure.name)), []).append(figure)
    return [found[(len(found) - 1) // 2] for _, found in sorted(rounds.items())]


def speed_table(figures: list[speed.Figure]) -> str:
    """Per number of streams one block, each path beside the empty loop of the same run; "" without figures."""
    if not figures:
        return ""
    titles = {contender.name: contender.title for contender in servers.CONTENDERS}
    rows = [
        (
            titles[figure.name], figure.streams, f"{figure.us:.1f}",
            f"{figure.loop_us:.1f} + {figure.threads_us:.1f} + {figure.postgres_us:.1f}",
            _ratio(figure, figures), f"{FRAMES_PER_CORE / figure.us:.0f}", _remark(figure),
        )
        for figure in figures
    ]  # fmt: skip
    heads = ("path", "streams", "µs per frame", "loop + threads + PostgreSQL", "ratio", "streams per core", "")
    return _table(heads, rows)


def _ratio(figure: speed.Figure, figures: list[speed.Figure]) -> str:
    found = ratio(figures, figure)
    return f"{found:.2f}" if found else "–"


def ratio(figures: list[speed.Figure], figure: speed.Figure) -> float | None:
    """To the empty loop at as many streams; None where that was not measured."""
    for other in figures:
        if (other.name, other.streams) == (servers.YARDSTICK, figure.streams):
            return figure.us / other.us
    return None


def _remark(figure: speed.Figure) -> str:
    remarks = []
    if figure.lost:
        remarks.append(f"{figure.lost} frames lost")
    if not figure.kept_pace:
        remarks.append(f"did not keep pace ({figure.behind_seconds:.1f} s behind)")
    if figure.others > 0.2:
        remarks.append(f"other programs had {figure.others:.0%} of its core")
    return "; ".join(remarks)


def memory_table(found: list[memory.Held]) -> str:
    """Growth per socket and of the archiver; "" without figures."""
    if not found:
        return ""
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
    heads = ("memory", "server, per socket", "at most", "archiver, in all, at most", "")
    return _table(heads, rows)


def eyes_table(seen: list[eyes.Seen]) -> str:
    """Who looks and listens, what it costs; "" without figures."""
    if not seen:
        return ""
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
    return _table(("audience", "CPU per second", "event loop", "durable after, mean", "99 % within"), rows)


def audience_costs(seen: list[eyes.Seen]) -> list[str]:
    """What one more of them costs, in CPU time per second."""
    if not seen:
        return []
    cpu = {(each.watch, each.listen, each.deaf): each.cpu_ms for each in seen}
    more, nobody = eyes.MORE, (seen[0].cpu_ms + seen[-1].cpu_ms) / 2
    watcher = (cpu[1 + more, 0, 0] - cpu[1, 0, 0]) / more
    listener = (cpu[0, 1 + more, 0] - cpu[0, 1, 0]) / more
    return [
        f"the first watcher: {cpu[1, 0, 0] - nobody:.0f} ms of CPU per second; each more: {watcher:.1f} ms",
        f"the first listener: {cpu[0, 1, 0] - nobody:.0f} ms of CPU per second; each more: {listener:.1f} ms",
    ]


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


def verdicts(figures: list[speed.Figure], found: list[memory.Held]) -> list[str]:
    """What is asked of the product, and whether it was so in this run."""
    said = [
        _verdict(f"whole path / empty loop at {figure.streams} streams", value, TARGET_RATIO, f"{value:.2f}", "1.8")
        for figure in figures
        if figure.name == "whole" and (value := ratio(figures, figure))
    ]
    for held in found:
        target = TARGET_FOUR_LANES if held.lanes else TARGET_MIXED
        value = held.per_socket
        if held.sockets >= 200:
            what = f"memory per {f'{held.lanes}-lane' if held.lanes else 'mixed'} socket"
            said.append(_verdict(what, value, target, f"{value / 1000:.0f} kB", f"{target // 1000} kB"))
    if found:
        most = max(held.archiver.most_pss for held in found)
        said.append(_verdict("the archiver's memory", most, TARGET_ARCHIVER, f"{most / (1 << 20):.1f} MiB", "64 MiB"))
    return said


def _verdict(what: str, value: float, target: float, shown: str, most: str) -> str:
    return f"{'met   ' if value <= target else 'MISSED'}  {what}: {shown} (at most {most})"


def write(
    path: Path,
    machine: Mapping[str, object],
    figures: list[speed.Figure],
    found: list[memory.Held],
    seen: list[eyes.Seen],
    said: list[str],
) -> None:
    content = {
        "machine": machine,
        "speed": [{**asdict(figure), "ratio": ratio(figures, figure)} for figure in figures],
        "memory": [asdict(held) for held in found],
        "audience": [asdict(each) for each in seen],
        "verdicts": said,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
