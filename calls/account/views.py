"""Signing in and out, the password, and API tokens: each reads, changes, answers."""

import logging
from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from calls.account.forms import PasswordForm, TokenForm
from calls.models import ApiToken

log = logging.getLogger(__name__)


def nobody_signs_in() -> bool:
    """Whether no user has a password, as after the first start of an installation."""
    without = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return not User.objects.filter(~without, is_active=True).exists()


@never_cache
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    return _page(request)


@never_cache
@sensitive_post_parameters()
@login_required
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """One's own password; other browsers of the same person are signed out by it."""
    user = cast(User, request.user)
    form = PasswordForm(user, request.POST)
    if not form.is_valid():
        return _page(request, password_form=form)
    update_session_auth_hash(request, form.save())
    log.info("%s changed the password", user.get_username())
    messages.success(request, "Your password is changed; everywhere else you are signed out.")
    return redirect("account:profile")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def make_token(request: HttpRequest) -> HttpResponse:
    """Shown in the answer and never again. A GET is a reload of that answer."""
    if request.method == "GET":
        return redirect("account:profile")
    user = cast(User, request.user)
    form = TokenForm(user, request.POST)
    if not form.is_valid():
        return _page(request, token_form=form)
    row, token = ApiToken.make(user, form.cleaned_data["name"], form.days())
    log.info("%s made the API token %r", user.get_username(), row.name)
    return _page(request, made=row, token=token)


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Works no more from the next request on."""
    user = cast(User, request.user)
    row = get_object_or_404(ApiToken, pk=token_id, user=user)
    row.delete()
    log.info("%s revoked the API token %r", user.get_username(), row.name)
    messages.success(request, f"“{row}” is revoked: programs that use it are refused from now on.")
    return redirect("account:profile")


def _page(request: HttpRequest, **more: object) -> HttpResponse:
    user = cast(User, request.user)
    context: dict[str, object] = {
        "tokens": ApiToken.objects.filter(user=user),
        "now": timezone.now(),
        "groups": user.groups.order_by("name"),
        "token_form": TokenForm(user),
        "password_form": PasswordForm(user),
        **more,
    }
    return render(request, "account/profile.html", context)
