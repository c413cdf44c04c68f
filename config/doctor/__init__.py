"""`manage.py doctor`: asks every outside thing whether it works, and says the exact fix where it does not."""

import logging
from concurrent.futures import ThreadPoolExecutor, wait

from django.db import connection

from config.doctor.finding import Check, Finding, wrong
from config.doctor.mail import mail
from config.doctor.neighbours import acs, clock
from config.doctor.people import users
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
    ("mail", mail),
    ("users", users),
)

log = logging.getLogger(__name__)
PATIENCE = 20.0
MARKS = {"ok": "ok", "off": "–", "wrong": "WRONG"}


def lines_of(name: str, found: Finding) -> list[str]:
    """As people read it."""
    said = [f"{MARKS[found.health]:>5}  {name}: {found.words}"]
    return [*said, f"       → {found.fix}"] if found.fix else said


def report(seconds: float = PATIENCE) -> list[str]:
    """All of it, asked beside each other, so that what does not answer holds nobody up for longer than `seconds`."""
    pool = ThreadPoolExecutor(len(CHECKS), thread_name_prefix="doctor")
    asked = {name: pool.submit(_found, check) for name, check in CHECKS}
    wait(asked.values(), timeout=seconds)
    pool.shutdown(wait=False)
    late = wrong(f"no answer within {seconds:.0f} s", "Look at it with manage.py doctor.")
    return [line for name, one in asked.items() for line in lines_of(name, one.result() if one.done() else late)]


def _found(check: Check) -> Finding:
    try:
        return check()
    except Exception as error:  # the report is asked for just where things are broken
        log.exception("A check of the doctor failed.")
        return wrong(f"the check itself failed: {type(error).__name__}", "Look at the log.")
    finally:
        connection.close()  # that of this thread


__all__ = ["CHECKS", "MARKS", "Check", "Finding", "lines_of", "report"]
