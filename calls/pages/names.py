"""Who is meant by the numbers and ids of a call, by the address book; one query for a whole page."""

from collections.abc import Iterable, Sequence

from calls.identifiers import display_of
from calls.models import Call
from calls.services.naming import names_of


class Names:
    """What people are called. `of` takes a raw id or what display_of made of it."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known

    def of(self, who: str) -> str:
        return self.known.get(display_of(who)) or display_of(who)

    def listed(self, whom: Iterable[object]) -> str:
        return ", ".join(self.of(str(who)) for who in whom)


def names_in(calls: Sequence[Call], others: Iterable[str] = ()) -> Names:
    """`others`: further raw ids of the page."""
    shown = {str(who) for call in calls for who in (*call.to, call.from_id, call.transferred_to)} | set(others)
    raw_ids = {f"4:{who}" if who.startswith("+") else who for who in shown - {""}}
    return Names({display_of(raw_id): name for raw_id, name in names_of(raw_ids).items()})


def heading(call: Call, names: Names) -> str:
    """Call to Ben, +15550100."""
    if call.direction == Call.Direction.INBOUND:
        caller = names.known.get(call.from_id) or call.display_name or call.from_id
        return f"Call from {caller or 'an unknown number'}"
    if call.direction == Call.Direction.JOINED:
        return f"Joined call {names.listed(call.to)[:60]}".strip()
    return f"Call to {names.listed(call.to) or 'nobody'}"
