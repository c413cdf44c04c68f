"""How a log record is written: as text, or as JSON, one line a record (LOG_FORMAT). Both say which call and session it
is about, where that is known, and neither lets through what opens a door, a telephone number or sound: this is the last
thing before a line is written, whoever logged it."""

import json
import logging
import os
from datetime import UTC, datetime

from calls import log_context
from calls.masking import loggable

IDS = ("call", "session")


def ids_of(record: logging.LogRecord) -> dict[str, str]:
    """By the line's own `extra`, else by the work that it belongs to."""
    known = {**log_context.current(), **{name: str(record.__dict__[name]) for name in IDS if record.__dict__.get(name)}}
    return {name: known[name] for name in IDS if name in known}


class OneLine(logging.Filter):
    """Of what anybody can provoke from outside, one line says all: no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


class TextLines(logging.Formatter):
    """Ids stand at the end, but for those that the message holds already. Tracebacks follow on lines of their own."""

    def format(self, record: logging.LogRecord) -> str:
        first, newline, rest = loggable(super().format(record)).partition("\n")
        ids = "".join(f" {name}={value}" for name, value in ids_of(record).items() if value not in first)
        return f"{first}{ids}{newline}{rest}"


class JsonLines(logging.Formatter):
    """Always the same keys; `process` is the pid, `call` and `session` are null where nothing is known of them."""

    def format(self, record: logging.LogRecord) -> str:
        ids = ids_of(record)
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": loggable(super().format(record)),  # with the traceback
            **{name: ids.get(name) for name in IDS},
            "process": record.process,
        }
        return json.dumps(said, ensure_ascii=False)


def line_without_settings(message: str) -> str:
    """What is to be said because there are none: they are wrong. Whoever reads LOG_FORMAT=json finds it, too."""
    if os.environ.get("LOG_FORMAT", "").strip() != "json":
        return message
    return JsonLines().format(logging.LogRecord(__name__, logging.CRITICAL, __file__, 0, "%s", (message,), None))
