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

__all__ = ["CHECKS", "Check", "Finding"]
