"""The number that telephones see when they are called from here."""

from django.conf import settings

from calls.identifiers import target_of


def own_number() -> str:
    """The raw id of ACS_CALLER_ID; "" when unset."""
    number = str(settings.ACS_CALLER_ID)
    return target_of(number).raw_id if number else ""
