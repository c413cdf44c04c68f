"""Whether anybody can sign in: an installation begins without a user."""

from django.db import Error

from calls.account.views import nobody_signs_in
from config.doctor.finding import Finding, off, ok


def users() -> Finding:
    try:
        nobody = nobody_signs_in()
    except Error:
        return off("not known without the database")
    if nobody:
        return off("nobody can sign in yet: python manage.py createsuperuser makes the first user")
    return ok("somebody can sign in")
