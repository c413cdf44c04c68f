"""Static files under ASGI. WhiteNoise answers with a synchronous iterator, which Django would collect into a list
with a warning for each file; ours are small, so they are read at once. Without `collectstatic` there is no compressed
copy beside a file, so it is made here, once."""

import gzip
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")
WORTH_IT = 1024


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # it has no types
    """WhiteNoise, with whole bodies, compressed where the browser takes it."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        answer = static_file.get_response(request.method, request.META)
        body = b""
        if answer.file is not None:
            with answer.file:
                body = answer.file.read()
        response = HttpResponse(body, status=int(answer.status))
        del response["Content-Type"]
        for name, value in answer.headers:
            response[name] = value
        _compress(request, response)
        return response


def _compress(request: HttpRequest, response: HttpResponse) -> None:
    """Whole texts only: a part of a file is asked for by the bytes of the file."""
    kind = response.headers.get("Content-Type", "")
    if response.status_code != 200 or not kind.startswith(TEXT) or response.has_header("Content-Encoding"):
        return
    patch_vary_headers(response, ("Accept-Encoding",))
    if len(response.content) >= WORTH_IT and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = _smaller(response.content)
        response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(response.content))


@lru_cache(maxsize=128)
def _smaller(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)
