"""Address books as people have them: CSV from a spreadsheet → whom to call how. Pure.

Nothing is guessed: what cannot be read is named with its line, the rest is taken.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from calls.errors import UncallableTarget
from calls.identifiers import LONGEST, display_of, kind_of, phone_number
from calls.webhooks.bodies import storable

LONGEST_NAME = 200
MOST_LINES = 50_000

_DELIMITERS = (";", "\t", ",")
_NUMBER_HEADS = {
    "number",
    "phone",
    "telephone",
    "tel",
    "mobile",
    "raw_id",
    "rawid",
    "id",
    "nummer",
    "telefon",
    "rufnummer",
}
_NAME_HEADS = {"name", "label", "display name", "display_name", "displayname", "bezeichnung"}
_FORMULA = re.compile(r'="?([^"]*)"?')
_NO_FORMULA = re.compile(r"^'(?=[=+\-@])")  # as a spreadsheet is kept from running a name (calls/admin/book_file.py)
_ROUNDED = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")


class Entry(NamedTuple):
    """One person."""

    raw_id: str
    name: str


class Problem(NamedTuple):
    """A line, counted from 1, that was left out, and why."""

    line: int
    sentence: str


class People(NamedTuple):
    """All that a file holds."""

    entries: list[Entry]
    problems: list[Problem]


class _Row(NamedTuple):
    line: int
    cells: list[str]


def read_people(content: bytes | str) -> People:
    """A number or raw id and a name per line, with or without a header, divided by commas, semicolons or tabs. Numbers
    become raw ids (4:+…), raw ids stay as they are, and the first of two lines about the same one counts."""
    try:
        text = _decoded(content) if isinstance(content, bytes) else content.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return People([], [Problem(line, "This is not UTF-8: save the file as “CSV UTF-8” and send it again.")])
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    skipped = 1 if lines[0].lower().startswith("sep=") else 0  # a spreadsheet's own note of the delimiter
    if not any(line.strip() for line in lines[skipped:]):
        return People([], [Problem(1, "The file is empty: write a number and a name on each line.")])
    readings = [_people(lines, skipped, delimiter) for delimiter in _DELIMITERS]
    # The delimiter is the one with which most lines make sense; with none of them, the one that is there.
    return max(readings, key=lambda found: (len(found.entries), -len(found.problems)))


def _decoded(content: bytes) -> str:
    """UTF-8, or UTF-16 where a mark says so. Any other would have to be guessed."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    return content.decode("utf-8-sig")


def _people(lines: Sequence[str], skipped: int, delimiter: str) -> People:
    found = People([], [])
    seen: dict[str, tuple[int, str]] = {}
    columns: tuple[int, int] | None = None
    for row in _rows(lines, skipped, delimiter, found.problems):
        if columns is None:
            columns = _heads(row.cells)
            if columns:
                continue
            columns = (1, 0) if _is_name_first(row.cells) else (0, 1)
        try:
            entry = _entry(row.cells, *columns)
        except ValueError as error:
            found.problems.append(Problem(row.line, str(error)))
            continue
        if entry.raw_id in seen:
            line, name = seen[entry.raw_id]
            again = f"{display_of(entry.raw_id)} stands on line {line} already, as {name}: this line is left out."
            found.problems.append(Problem(row.line, again))
            continue
        seen[entry.raw_id] = (row.line, entry.name)
        found.entries.append(entry)
    return found


def _rows(lines: Sequence[str], skipped: int, delimiter: str, problems: list[Problem]) -> Iterator[_Row]:
    """The rows that hold something."""
    # Strict: a quotation mark that is never closed must not make one name of all that follows.
    reader = csv.reader((f"{line}\n" for line in lines[skipped:MOST_LINES]), delimiter=delimiter, strict=True)
    while True:
        first = skipped + reader.line_num + 1
        try:
            cells = [" ".join(cell.split()) for cell in next(reader)]
        except StopIteration:
            break
        except csv.Error as error:
            problems.append(Problem(first, f"This line cannot be read, look at its quotation marks: {error}."))
            continue
        if any(cells):
            yield _Row(first, cells)
    if len(lines) > MOST_LINES and any(line.strip() for line in lines[MOST_LINES:]):
        problems.append(Problem(MOST_LINES + 1, f"Only {MOST_LINES} lines are read: divide the file."))


def _heads(cells: Sequence[str]) -> tuple[int, int] | None:
    """Where a header says number and name stand; None where the row is no header."""
    heads = [cell.lower() for cell in cells]
    number = next((place for place, head in enumerate(heads) if head in _NUMBER_HEADS), None)
    name = next((place for place, head in enumerate(heads) if head in _NAME_HEADS), None)
    return None if number is None or name is None else (number, name)


def _is_name_first(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and not _is_id(cells[0]) and _is_id(cells[1])


def _is_id(cell: str) -> bool:
    try:
        _raw_id(cell)
    except ValueError:
        return False
    return True


def _entry(cells: Sequence[str], number: int, name: int) -> Entry:
    """Raises ValueError with the sentence."""
    if len(cells) <= max(number, name) or not cells[name]:
        raise ValueError("The name is missing: write a number and a name on each line.")
    if not cells[number]:
        raise ValueError("The number is missing: write a number and a name on each line.")
    if len(cells[name]) > LONGEST_NAME:
        raise ValueError(f"A name has at most {LONGEST_NAME} characters.")
    return Entry(_raw_id(cells[number]), str(storable(_NO_FORMULA.sub("", cells[name]))))


def _raw_id(cell: str) -> str:
    """Raises ValueError with the sentence."""
    if match := _FORMULA.fullmatch(cell):
        cell = match[1]
    cell = cell.removeprefix("'")
    if _ROUNDED.fullmatch(cell):
        raise ValueError(f"{cell}: the spreadsheet rounded this number; make the column text, and enter it again.")
    if len(cell) > LONGEST:
        raise ValueError(f"{cell[:20]}…: an id has at most {LONGEST} characters.")
    if kind_of(cell) != "unknown" and not re.search(r"[\s\0]", cell):
        return cell
    try:
        return f"4:{phone_number(cell.removeprefix('4:'), cell)}"
    except UncallableTarget as error:
        raise ValueError(f"{error.facts['given']}: {error.facts['why']}") from None
