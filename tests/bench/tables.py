"""What all parts of the report are made of: Markdown tables, so that they can stand in the README, and verdicts."""

from collections.abc import Iterable


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


def at_most(what: str, value: float, goal: float, unit: str = "", digits: int = 0) -> str:
    return _verdict(what, value, goal, value <= goal, "at most", unit, digits)


def at_least(what: str, value: float, goal: float, unit: str = "", digits: int = 0) -> str:
    return _verdict(what, value, goal, value >= goal, "at least", unit, digits)


def _verdict(what: str, value: float, goal: float, met: bool, bound: str, unit: str, digits: int) -> str:
    unit = unit and f" {unit}"
    shown, wanted = f"{value:_.{digits}f}", f"{goal:_.{digits}f}"
    if shown == wanted and not met:
        shown = f"{value:_.{digits + 2}f}"
    return f"{'met   ' if met else 'MISSED'}  {what}: {shown}{unit} ({bound} {wanted}{unit})".replace("_", " ")
