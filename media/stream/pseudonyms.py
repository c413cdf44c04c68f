"""Pseudonyms for who was on the telephone, in what is handed to strangers: numbers, ids and names become `person-1`,
`person-2`…, the same person the same word throughout. Pure."""

import re
from collections.abc import Iterable
from typing import Any

# With a plus, however it is written; without one only where nothing makes it an id, a time or a fraction.
_NUMBER = re.compile(r"\+\d[\d ()/.-]{5,}\d|(?<![\w.:+-])\d{7,15}(?![\w:-])")
_RAW_ID = re.compile(r"\b(?:4:[+\w]+|(?:8|28):[\w-]+(?::[\w-]+)*)")


class Pseudonyms:
    """`known`: raw ids, numbers and names that are people."""

    def __init__(self, known: Iterable[str]) -> None:
        self._words: dict[str, str] = {}
        for name in sorted({name for name in known if name}, key=len, reverse=True):
            self._word(name)

    def text(self, text: str) -> str:
        for name in sorted(self._words, key=len, reverse=True):
            text = text.replace(name, self._words[name])
        text = _RAW_ID.sub(lambda found: self._word(found[0]), text)
        return _NUMBER.sub("…", text)

    def value(self, value: Any) -> Any:
        """The same, in every text of a JSON value; keys too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(each) for key, each in value.items()}
        return [self.value(each) for each in value] if isinstance(value, list) else value

    def _word(self, name: str) -> str:
        return self._words.setdefault(name, f"person-{len(self._words) + 1}")
