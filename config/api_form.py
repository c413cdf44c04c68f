"""What Django itself refuses under /api/ has the form of the API's own refusals: JSON with a sentence."""

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase, JsonResponse

SENTENCES = {
    400: "This request cannot be read; look at its headers and its Host.",
    405: "This path has no {method}; it has {allowed}.",
    412: "It is no longer what If-Match or If-Unmodified-Since named.",
    500: "An error of this server: its log says more.",
}


class ApiFormMiddleware:
    """Leaves alone what is JSON already."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        self.later = iscoroutinefunction(get_response)
        if self.later:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.later:
            return self._answer_later(request)
        return _formed(request, cast(HttpResponseBase, self.get_response(request)))

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        return _formed(request, await cast("Awaitable[HttpResponseBase]", self.get_response(request)))


def _formed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    sentence = SENTENCES.get(response.status_code)
    kind = response.headers.get("Content-Type", "")
    if sentence is None or not request.path.startswith("/api/") or kind.startswith("application/json"):
        return response
    allowed = response.headers.get("Allow", "")
    formed = JsonResponse(
        {"detail": sentence.format(method=request.method, allowed=allowed or "others")}, status=response.status_code
    )
    if allowed:
        formed.headers["Allow"] = allowed
    return formed
