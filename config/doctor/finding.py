"""What a check of the doctor says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Health = Literal["ok", "off", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`off`: not configured, and that may be meant. `fix`: what to do where it is wrong, or might be."""

    health: Health
    words: str
    fix: str = ""


Check = Callable[[], Finding]


def ok(words: str) -> Finding:
    return Finding("ok", words)


def off(words: str) -> Finding:
    return Finding("off", words)


def wrong(words: str, fix: str) -> Finding:
    return Finding("wrong", words, fix)
