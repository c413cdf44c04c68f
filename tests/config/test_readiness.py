"""503 instead of a traceback when the database is away. (What a real server does: test_database_away.py.)"""

import time
from collections.abc import Awaitable
from typing import cast

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import RequestFactory

from config.readiness import Part, Readiness, ReadinessMiddleware

GET = RequestFactory().get


def test_a_part_is_in_trouble_until_it_was_seen_working() -> None:
    part = Part()
    assert part.trouble() == "not checked yet"
    part.works()
    assert part.trouble() is None
    part.fails("away")
    assert part.trouble() == "away"
    part.works()
    assert part.trouble() is None


def test_a_part_that_nobody_saw_working_for_long_is_in_trouble() -> None:
    part = Part()
    part.works()
    part.seen = time.monotonic() - 11
    assert part.trouble() == "no answer for 11 s"


def test_it_is_ready_when_every_part_works() -> None:
    readiness = Readiness()
    readiness.spool.works()
    assert not readiness.ready()
    assert readiness.parts() == {"database": "not checked yet", "spool": "ok"}
    readiness.database.works()
    assert readiness.ready()


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


def test_it_refuses_nothing_where_nobody_watches() -> None:
    response = ReadinessMiddleware(page)(GET("/"))
    assert isinstance(response, HttpResponse)
    assert response.content == b"a page"


@pytest.mark.parametrize("error", [OperationalError("server closed the connection"), InterfaceError("closed")])
def test_it_turns_a_lost_database_into_a_503(error: Exception) -> None:
    response = ReadinessMiddleware(page).process_exception(GET("/"), error)
    assert response is not None
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_it_leaves_other_errors_alone() -> None:
    assert ReadinessMiddleware(page).process_exception(GET("/"), ValueError("ours")) is None


def test_it_speaks_json_to_programs() -> None:
    middleware = ReadinessMiddleware(page)
    for request in (GET("/api/v1/sessions"), GET("/", headers={"accept": "application/json"})):
        response = middleware.process_exception(request, OperationalError())
        assert response is not None
        assert response["Content-Type"] == "application/json"


async def test_it_keeps_asynchronous_views_off_threads() -> None:
    async def later(request: HttpRequest) -> HttpResponseBase:
        return HttpResponse("later")

    response = await cast("Awaitable[HttpResponse]", ReadinessMiddleware(later)(GET("/")))
    assert response.content == b"later"
