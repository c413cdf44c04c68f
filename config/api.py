"""The REST API: one NinjaAPI, the routers of the apps mounted on it, and the one form that every error has:
`{"detail": "a sentence"}`, or for 422 `{"detail": [{"loc": […], "msg": "…"}]}`."""

import math
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from calls.api import router as calls_router
from calls.auth import SessionAuth, TokenAuth, TokenThrottle
from calls.errors import AcsFailed, CallsError
from config.support import router as support_router
from media.api.audio import router as audio_router
from media.api.notes import router as notes_router
from media.api.sessions import router as media_router
from media.errors import RefusedAudio

WHO_ARE_YOU = (
    "Who are you? Send 'Authorization: Bearer <token>' with a valid token ('manage.py createtoken' makes one), "
    "or sign in."
)
TOO_MANY = "These are more than {rate} requests in a minute with one token (API_RATE); wait as Retry-After says."
NO_SUCH_DOOR = "The API has no such path; /api/v1/docs shows those it has."

api = NinjaAPI(
    title="ACS media recorder",
    version="1",
    urls_namespace="api",
    auth=[TokenAuth(), SessionAuth()],
    throttle=[TokenThrottle(f"{settings.API_RATE}/m")],
    # The validator's badge would ask an outside host; the page's own files come with the package `ninja`.
    docs=Swagger(settings={"validatorUrl": None}),
)


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = api.create_response(request, {"detail": WHO_ARE_YOU}, status=401)
    answer["WWW-Authenticate"] = 'Bearer realm="api"'
    return answer


@api.exception_handler(PermissionDenied)
def forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return api.create_response(request, {"detail": str(error) or "You may not do this."}, status=403)


@api.exception_handler(Http404)
def unknown_row(request: HttpRequest, error: Http404) -> HttpResponse:
    return api.create_response(request, {"detail": str(error) or "There is nothing here."}, status=404)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 400:  # ninja's word for a body that is no JSON
        return _unprocessable(request, [{"loc": ["body"], "msg": "The body is not JSON."}])
    return api.create_response(request, {"detail": str(error)}, status=error.status_code)


@api.exception_handler(RefusedAudio)
def refused_audio(request: HttpRequest, error: RefusedAudio) -> HttpResponse:
    if error.status == 422:
        return _unprocessable(request, [{"loc": ["query", error.loc], "msg": str(error)}])
    return api.create_response(request, {"detail": str(error)}, status=error.status)


@api.exception_handler(CallsError)
def refused_call(request: HttpRequest, error: CallsError) -> HttpResponse:
    if isinstance(error, AcsFailed):
        said = {"status": error.acs_status, "code": error.code or None, "message": error.message or None}
        return api.create_response(request, {"detail": str(error), "acs": said, "call_id": error.call_id}, status=502)
    if error.status == 422:
        return _unprocessable(request, [{"loc": getattr(error, "loc", ["body"]), "msg": str(error)}])
    return api.create_response(request, {"detail": str(error)}, status=error.status)


@api.exception_handler(Throttled)
def too_many(request: HttpRequest, error: Throttled) -> HttpResponse:
    answer = api.create_response(request, {"detail": TOO_MANY.format(rate=settings.API_RATE)}, status=429)
    answer["Retry-After"] = str(math.ceil(error.wait or 1))
    return answer


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return _unprocessable(request, [_plain(fault) for fault in error.errors])


@csrf_exempt  # else the answer to a POST would be a page about cookies
def no_such_door(request: HttpRequest, rest: str = "") -> HttpResponse:
    """The answer to every other path under the API's."""
    return api.create_response(request, {"detail": NO_SUCH_DOOR}, status=404)


def _plain(fault: dict[str, Any]) -> dict[str, Any]:
    where, *path = fault["loc"]
    if where == "body" or path[0] == where:  # what our own function calls it says nothing to a client
        del path[:1]
    return {"loc": [where, *path], "msg": str(fault["msg"]).removeprefix("Value error, ")}


def _unprocessable(request: HttpRequest, faults: list[dict[str, Any]]) -> HttpResponse:
    return api.create_response(request, {"detail": faults}, status=422)


api.add_router("", calls_router)
api.add_router("", media_router)
api.add_router("", audio_router)
api.add_router("", notes_router)
api.add_router("", support_router)
