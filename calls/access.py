"""Who may see, place and control calls. Rows reach a view only through here. Knows nothing of requests."""

from collections.abc import Callable
from enum import StrEnum
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from calls.models import Call, IncomingCall

Reading = Callable[[QuerySet[Call]], QuerySet[Call]]


class Right(StrEnum):
    """The rights that groups hold, separately of each other."""

    LIST = "calls.view_call"
    PLACE = "calls.place_call"
    CONTROL = "calls.control_call"
    PEOPLE = "calls.view_person"
    NAME = "calls.change_person"
    FORGET = "calls.delete_person"


PERMITS = {
    Right.LIST: "see calls",
    Right.PLACE: "place calls or make media URLs",
    Right.CONTROL: "control calls",
    Right.PEOPLE: "see the address book",
    Right.NAME: "name people",
    Right.FORGET: "take people out of the address book",
}


def demand(user: User, right: str, action: str = "") -> None:
    """Raises PermissionDenied with a sentence when `user` lacks the right."""
    if not user.has_perm(right):
        action = action or PERMITS[Right(right)]
        raise PermissionDenied(f"You may not {action}; this needs the right {right!s}.")


def calls_for(user: User) -> QuerySet[Call]:
    """The calls that `user` may see; none without the right to list."""
    return Call.objects.all() if user.has_perm(Right.LIST) else Call.objects.none()


def incoming_for(user: User) -> QuerySet[IncomingCall]:
    return IncomingCall.objects.all() if user.has_perm(Right.LIST) else IncomingCall.objects.none()


def find_call(user: User, call_id: UUID, right: Right = Right.LIST, read: Reading = lambda rows: rows) -> Call:
    """`read` says what to fetch with the row. Raises PermissionDenied without `right`, and Http404 for a row that is
    not there or not for `user`."""
    demand(user, right)
    call = read(calls_for(user)).filter(pk=call_id).first()
    if call is None:
        raise Http404(f"There is no call {call_id}.")
    return call


def find_incoming(user: User, incoming_id: UUID, right: Right = Right.LIST) -> IncomingCall:
    demand(user, right)
    incoming = incoming_for(user).filter(pk=incoming_id).first()
    if incoming is None:
        raise Http404(f"There is no incoming call {incoming_id}.")
    return incoming
