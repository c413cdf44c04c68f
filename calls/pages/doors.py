"""Who comes to an asynchronous page: the person who signed in, asked of the database by `event_loop.db`."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url

from calls.event_loop import db

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def signed_in(view: View) -> View:
    """`view(request, user, …)`. Who is signed out goes to sign in: a part of a page takes the whole page there."""

    @wraps(view)
    async def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = await db(lambda: request.user if request.user.is_authenticated else None)
        if user is None:
            return _to_sign_in(request)
        return await view(request, user, *args, **kwargs)

    return door


def asked_for_part(request: HttpRequest) -> bool:
    """Whether a script of the page asks, which puts the answer in the place of a part."""
    return request.headers.get("HX-Request") == "true"


async def shown(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Rendered where the database may be asked: templates ask for rights."""
    return await db(render, request, template, context)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if not asked_for_part(request):
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
    back = request.headers.get("HX-Current-URL", "/")
    url = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
    return HttpResponse(status=204, headers={"HX-Redirect": url})
