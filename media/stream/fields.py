"""One JSON object of a message, read in any casing and under any alias. Knows types and limits, not packets."""

from collections.abc import Mapping

import msgspec

from media.stream import stamps
from media.stream.errors import BadPacket

NAME_LIMIT = 512  # characters; the longest raw ids of ACS have about 130
_LARGEST = 2**63  # a number beyond it measures nothing here
_URL_SAFE = str.maketrans("-_", "+/")
_WHITESPACE = str.maketrans("", "", " \t\r\n")


def checked_name(text: str, field: str, limit: int = NAME_LIMIT) -> str:
    """The text itself, if a database can keep it (PostgreSQL refuses NUL) and it is no longer than a name."""
    if len(text) > limit:
        raise BadPacket(field, f"is longer than {limit} characters")
    if "\0" in text:
        raise BadPacket(field, "holds a NUL character")
    return text


def checked_pcm(pcm: bytes, field: str) -> bytes:
    """The bytes themselves, if they are whole 16-bit samples."""
    if len(pcm) % 2:
        raise BadPacket(field, f"has an odd number of bytes ({len(pcm)}), so they are no 16-bit samples")
    return pcm


class Fields:
    """Every read takes a field's name and its aliases; None where all are absent or null. Wrong types: BadPacket."""

    def __init__(self, path: str, content: Mapping[str, object]) -> None:
        self.path = path
        self.content = content
        self._values: dict[str, object] = {}
        for key, value in content.items():
            if value is not None or key.lower() not in self._values:
                self._values[key.lower()] = value

    def has(self, *names: str) -> bool:
        """Whether one of the names is there at all, null or not."""
        return any(name.lower() in self._values for name in names)

    def value(self, *names: str) -> object:
        """What the first of the names that is present holds."""
        for name in names:
            value = self._values.get(name.lower())
            if value is not None:
                return value
        return None

    def text(self, *names: str, limit: int = NAME_LIMIT) -> str | None:
        """Text without NUL; None where it is empty too."""
        value = self.value(*names)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong(names[0], value, "text")
        return checked_name(value, self._field(names[0]), limit) or None

    def texts(self, *names: str) -> tuple[str, ...]:
        """A list of texts; empty where absent."""
        value = self.value(*names)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(names[0], value, "a list of texts")
        return tuple(checked_name(item, self._field(names[0])) for item in value)

    def flag(self, *names: str) -> bool | None:
        """true or false; also in quotes, or as 1 or 0."""
        value = self.value(*names)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if isinstance(value, int | float) and value in (0, 1):
            return bool(value)
        raise self._wrong(names[0], value, "true or false")

    def whole(self, *names: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`; also as 640.0 (generation 0) or in quotes."""
        value = self.value(*names)
        if value is None:
            return None
        number = _whole(value)
        if number is None or not low <= number <= high:
            raise self._wrong(names[0], value, f"a whole number from {low} to {high}")
        return number

    def number(self, *names: str) -> float | None:
        """Any number."""
        value = self.value(*names)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _LARGEST:
            raise self._wrong(names[0], value, "a number")
        return float(value)

    def stamp(self, *names: str) -> tuple[int | None, int]:
        """Nanoseconds since the epoch and fraction digits; (None, 0) where missing or unreadable: never an error."""
        value = self.value(*names)
        if isinstance(value, str):
            return stamps.parse(value) or (None, 0)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return stamps.from_number(value) or (None, 0)
        return None, 0

    def pcm(self, *names: str) -> bytes:
        """The bytes behind base64; URL-safe, unpadded and wrapped forms are taken where they are unambiguous."""
        value = self.value(*names)
        if value is None:
            return b""
        if not isinstance(value, str):
            raise self._wrong(names[0], value, "base64 text")
        text = value.translate(_WHITESPACE)
        if not ("+" in text or "/" in text):
            text = text.translate(_URL_SAFE)
        if "=" not in text:
            text += "=" * (-len(text) % 4)
        try:
            return checked_pcm(msgspec.convert(text, bytes), self._field(names[0]))
        except msgspec.ValidationError:
            raise BadPacket(self._field(names[0]), "is not base64") from None

    def inner(self, *names: str) -> "Fields | None":
        """An object inside this one."""
        value = self.value(*names)
        return None if value is None else self._object(names[0], value)

    def each(self, *names: str) -> "list[Fields]":
        """A list of objects."""
        value = self.value(*names)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(names[0], value, "a list")
        return [self._object(f"{names[0]}[{index}]", item) for index, item in enumerate(value)]

    def _object(self, name: str, value: object) -> "Fields":
        if not isinstance(value, dict):
            raise self._wrong(name, value, "an object")
        return Fields(self._field(name), value)

    def _field(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _wrong(self, name: str, value: object, wanted: str) -> BadPacket:
        return BadPacket(self._field(name), f"is {_shown(value)}, must be {wanted}")


def _whole(value: object) -> int | None:
    if isinstance(value, str) and len(value) <= 20 and value.isascii() and value.isdigit():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _shown(value: object) -> str:
    """A value in an error: numbers and words as they are if short; never a long or nested thing."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) > _LARGEST:
        return "a huge number"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 40 else "a long text"
