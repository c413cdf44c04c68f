"""What every path under /api/ has in common: what Django itself refuses has the form of the API's own refusals, JSON
with a sentence; HEAD is a GET without its body; a slash at the end changes nothing."""

from collections.abc import Awaitable
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from config.middleware import Answer, Middleware

SENTENCES = {
    400: "This request cannot be read; look at its headers and its Host.",
    405: "This path has no {method}; it has {allowed}.",
    412: "It is no longer what If-Match or If-Unmodified-Since named.",
    500: "An error of this server: its log says more.",
}


DOORS = "/api/v1/"


class ApiFormMiddleware(Middleware):
    """Leaves alone what is JSON already, and who answers HEAD himself."""

    def __call__(self, request: HttpRequest) -> Answer:
        _leave_out_slash(request)
        if self.later:
            return self._answer_later(request)
        response = cast(HttpResponseBase, self.get_response(request))
        if _is_get(request, response):
            response = _bare(request, cast(HttpResponseBase, self.get_response(request)))
        return _formed(request, response)

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        response = await cast("Awaitable[HttpResponseBase]", self.get_response(request))
        if _is_get(request, response):
            response = _bare(request, await cast("Awaitable[HttpResponseBase]", self.get_response(request)))
        return _formed(request, response)


def _leave_out_slash(request: HttpRequest) -> None:
    if request.path_info.startswith(DOORS) and request.path_info != DOORS:
        request.path_info = request.path = request.path_info.rstrip("/")


def _is_get(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether it was HEAD where nobody answers that, but GET; it is GET until _bare."""
    here = request.method == "HEAD" and response.status_code == 405 and request.path.startswith("/api/")
    if here and "GET" in response.headers.get("Allow", ""):
        request.method = "GET"
        return True
    return False


def _bare(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Servers leave out a body that is there; one that goes on for ever must not begin."""
    request.method = "HEAD"
    if not response.streaming:
        return response
    response.close()
    return HttpResponse(status=response.status_code, headers=dict(response.headers))


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
