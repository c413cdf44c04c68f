"""What ACS posts, as plain values that PostgreSQL can hold. Knows JSON and no event. Pure.

Nothing is trusted: NUL characters, half characters, NaN, endless numbers and bottomless nesting come in here and go no
further.
"""

import json
import math
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from calls.errors import BadEvents

DEEPEST = 32  # levels of an entry; ACS's own have five
LONGEST_ID = 200
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_UNNAMED = uuid.UUID("2f0c7d1e-52a3-4e0b-8a55-6e1f2a4f9d10")


def entries_of(body: bytes) -> list[Any]:
    """The members of a JSON array, or the one object that stands alone. Raises BadEvents."""
    try:
        text = body.decode("utf-8-sig").strip("\0\r\n\t ")
    except UnicodeDecodeError:
        raise BadEvents(why="it is not UTF-8") from None
    if not text:
        raise BadEvents(why="it is empty")
    try:
        found = json.loads(text, parse_constant=_nothing, parse_float=_float, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise BadEvents(why=f"it is no JSON ({error.msg}, line {error.lineno} column {error.colno})") from None
    except RecursionError:
        raise BadEvents(why="it is nested too deep") from None
    if isinstance(found, dict):
        return [found]
    if isinstance(found, list):
        return found
    raise BadEvents(why="it is JSON, but neither an object nor an array")


def storable(value: Any, depth: int = DEEPEST) -> Any:
    """The value without what PostgreSQL refuses: NUL and lone surrogates become U+FFFD. Raises ValueError where it is
    nested deeper than `depth`."""
    if isinstance(value, str):
        return _clean(value)
    if not isinstance(value, dict | list):
        return value
    if depth <= 0:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    if isinstance(value, list):
        return [storable(member, depth - 1) for member in value]
    return {_clean(str(key)): storable(member, depth - 1) for key, member in value.items()}


def text_of(found: Any, key: str, limit: int = 1_000) -> str:
    """The text under a key; "" where there is none, or one longer than anything that ACS sends."""
    value = found.get(key) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) and len(value) <= limit else ""


def object_of(found: Any, key: str) -> dict[str, Any]:
    value = found.get(key) if isinstance(found, Mapping) else None
    return value if isinstance(value, dict) else {}


def list_of(found: Any, key: str) -> list[Any]:
    value = found.get(key) if isinstance(found, Mapping) else None
    return value if isinstance(value, list) else []


def whole_of(found: Any, key: str) -> int | None:
    """A whole number of 32 bits, also where it is written as text or with a point."""
    value = found.get(key) if isinstance(found, Mapping) else None
    if isinstance(value, str) and re.fullmatch("-?[0-9]{1,10}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -(2**31) <= value < 2**31:
        return None
    return int(value) if value == int(value) else None


def milliseconds_of(found: Any, key: str) -> int | None:
    """Of a length in seconds, with or without a fraction."""
    value = found.get(key) if isinstance(found, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**9:
        return None
    return round(value * 1_000)


def time_of(found: Any, key: str) -> datetime | None:
    """In UTC. The fraction has 0 to 7 digits (ACS.md 5.2); without an offset it is UTC."""
    try:
        time = datetime.fromisoformat(text_of(found, key, 64).strip())
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def id_of(entry: Mapping[str, Any]) -> str:
    """The sender's id of an event; where it gave none, one that the same content always has."""
    if given := text_of(entry, "id", LONGEST_ID).strip():
        return given
    return str(uuid.uuid5(_UNNAMED, json.dumps(entry, sort_keys=True)))


def _clean(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


def _nothing(_: str) -> None:
    """NaN and Infinity are no JSON."""


def _float(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _whole(text: str) -> int | str:
    """What no 64 bits hold stays the text that it came as."""
    return int(text) if len(text) <= 19 else text
