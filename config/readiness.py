"""Whether what we stand on works. Pages answer 503 until the database is there and migrated, and while it is away.

Background threads (config/serving/watch.py) write the parts; requests only read them, so asking costs nothing.
"""

import logging
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import cast

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from config.middleware import Answer, Middleware

logger = logging.getLogger(__name__)

STALE_SECONDS = 10  # a hung database gives no error: it is away when nobody saw it working for so long
RETRY_SECONDS = "5"
SENTENCE = "The database is not available at the moment. Recording goes on; this page comes back by itself."


@dataclass
class Part:
    """One thing that must work: why it does not, and when it was last seen working (monotonic seconds)."""

    problem: str | None = "not checked yet"
    seen: float = 0.0

    def works(self) -> None:
        self.problem, self.seen = None, time.monotonic()

    def fails(self, problem: str) -> None:
        self.problem = problem

    def trouble(self) -> str | None:
        """None, or a few words that may be shown to anybody."""
        silent = time.monotonic() - self.seen
        return self.problem or (f"no answer for {silent:.0f} s" if silent > STALE_SECONDS else None)


@dataclass
class Readiness:
    """`watched` is True in a serving process; elsewhere (tests, commands) nothing is refused on suspicion."""

    watched: bool = False
    database: Part = field(default_factory=Part)
    spool: Part = field(default_factory=Part)

    def parts(self) -> dict[str, str]:
        return {name: part.trouble() or "ok" for name, part in (("database", self.database), ("spool", self.spool))}

    def ready(self) -> bool:
        return not (self.database.trouble() or self.spool.trouble())


readiness = Readiness()


class ReadinessMiddleware(Middleware):
    """Refuses requests while the database is away; losing it halfway is a 503 too. Static files come before it."""

    def __call__(self, request: HttpRequest) -> Answer:
        if self.later:
            return self._answer_later(request)
        return _refusal(request) if _database_away() else self.get_response(request)

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        if _database_away():
            return _refusal(request)
        return await cast("Awaitable[HttpResponseBase]", self.get_response(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.warning("%s %s: the database failed: %s", request.method, request.path, str(exception).strip())
        return _refusal(request)


def _database_away() -> bool:
    return readiness.watched and readiness.database.trouble() is not None


def _refusal(request: HttpRequest) -> HttpResponse:
    response: HttpResponse
    if request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", ""):
        response = JsonResponse({"detail": SENTENCE}, status=503)
    else:
        page = (
            f"<!doctype html><title>Not available</title><meta http-equiv=refresh content={RETRY_SECONDS}><p>{SENTENCE}"
        )
        response = HttpResponse(page, status=503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # that the database is away is said once, not here
    response.headers["Retry-After"] = RETRY_SECONDS
    response.headers["Cache-Control"] = "no-store"
    return response
