"""What records in this process (media/runtime.py); None where nothing does. Whoever opens it says so here."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from media.runtime import Runtime

_current: "Runtime | None" = None


def current() -> "Runtime | None":
    return _current


def install(runtime: "Runtime | None") -> None:
    global _current
    _current = runtime
