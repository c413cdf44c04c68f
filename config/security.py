"""The browser's own guard: a Content-Security-Policy on every page. Knows which pages cannot be held to it."""

import secrets
from collections.abc import Awaitable
from typing import cast

from django.http import HttpRequest, HttpResponseBase

from config.middleware import Answer, Middleware

COMMON = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'; "
)
# The console: no inline script but the import map, which carries the nonce; no inline style at all.
STRICT = COMMON + "script-src 'self' 'nonce-{nonce}'; style-src 'self'"
# The admin (unfold, Alpine) and the API's pages (Swagger) write scripts and styles into their pages and evaluate text.
LOOSE = COMMON + "script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'"
LOOSE_PATHS = ("/admin/", "/api/v1/docs")


class ContentSecurityPolicyMiddleware(Middleware):
    """Sets the policy, and gives templates `request.csp_nonce` for the one inline script that they may hold."""

    def __call__(self, request: HttpRequest) -> Answer:
        request.csp_nonce = secrets.token_urlsafe(16)  # type: ignore[attr-defined]
        if self.later:
            return self._answer_later(request)
        return _guarded(request, cast(HttpResponseBase, self.get_response(request)))

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        return _guarded(request, await cast("Awaitable[HttpResponseBase]", self.get_response(request)))


def _guarded(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    policy = LOOSE if request.path.startswith(LOOSE_PATHS) else STRICT
    nonce = request.csp_nonce  # type: ignore[attr-defined]
    response.headers.setdefault("Content-Security-Policy", policy.format(nonce=nonce))
    return response
