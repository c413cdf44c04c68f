"""Small charts as values for templates: heights in percent of the highest. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Chart", "Column", "Row", "columns", "ranked"]


@dataclass(frozen=True)
class Column:
    """A bar that stands; `parts`: a style and a height in percent, from the bottom; `mark` is written below it."""

    parts: list[tuple[str, float]]
    words: str
    mark: str


@dataclass(frozen=True)
class Chart:
    columns: list[Column]
    highest: str


@dataclass(frozen=True)
class Row:
    """A bar that lies: `share` in percent of the longest."""

    words: str
    count: int
    share: float
    link: str = ""


def columns(
    values: Sequence[dict[str, float]], words: Sequence[str], marks: Sequence[str], said: Callable[[float], str]
) -> Chart:
    """`values`: for each column the figure of each style, lowest first; `said`: the highest one in words."""
    highest = max((sum(parts.values()) for parts in values), default=0)
    made = [
        Column([(style, 100 * value / highest) for style, value in parts.items() if value], word, mark)
        for parts, word, mark in zip(values, words, marks, strict=True)
    ]
    return Chart(made, said(highest) if highest else "")


def ranked(counts: Sequence[tuple[str, int, str]], most: int) -> list[Row]:
    """The largest first: words, count, link."""
    found = sorted((one for one in counts if one[1]), key=lambda one: -one[1])[:most]
    return [Row(words, count, 100 * count / found[0][1], link) for words, count, link in found]
