"""People of the tests: Olga is an Operator, Sven a Supervisor, Ada an Administrator, Otto may do nothing."""

from django.contrib.auth.models import Group, User
from django.test import Client

from calls.models import ApiToken

GROUPS = {"olga": "Operator", "sven": "Supervisor", "ada": "Administrator", "otto": None}


def person(name: str) -> User:
    """The person, made when first asked for."""
    user, made = User.objects.get_or_create(username=name)
    group = GROUPS[name]
    if made and group:
        user.groups.add(Group.objects.get(name=group))
    return user


def program_of(name: str) -> Client:
    """A client with an API token of that person."""
    _, token = ApiToken.make(person(name))
    return Client(headers={"authorization": f"Bearer {token}"})


def browser_of(name: str) -> Client:
    """A client that signed in, and that must bring CSRF tokens, as a browser must."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(name))
    return client


def signed_in_staff(name: str) -> Client:
    """A client that signed in, of that person as staff: whom the admin lets in."""
    user = person(name)
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client
