"""`manage.py doctor`: asks every outside thing whether it works, and says the exact fix where it does not."""

from config.doctor.finding import Check, Finding
from config.doctor.neighbours import acs, clock
from config.doctor.public import public_url, socket_handshake
from config.doctor.stores import database, redis, spool, storage

CHECKS: tuple[tuple[str, Check], ...] = (
    ("database", database),
    ("redis", redis),
    ("recordings", storage),
    ("spool", spool),
    ("public url", public_url),
    ("socket", socket_handshake),
    ("ACS", acs),
    ("clock", clock),
)

MARKS = {"ok": "ok", "off": "–", "wrong": "WRONG"}


def lines_of(name: str, found: Finding) -> list[str]:
    """As people read it."""
    said = [f"{MARKS[found.health]:>5}  {name}: {found.words}"]
    return [*said, f"       → {found.fix}"] if found.fix else said


def report() -> list[str]:
    """All of it."""
    return [line for name, check in CHECKS for line in lines_of(name, check())]


__all__ = ["CHECKS", "MARKS", "Check", "Finding", "lines_of", "report"]
