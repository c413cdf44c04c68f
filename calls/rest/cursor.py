"""Pages of long lists, newest first, by key and not by number: a row that arrives meanwhile shifts nothing, and no page
needs a count. Knows nothing of what the rows are."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
Key = datetime | int
Place = UUID | int

LARGEST = 2**63 - 1
BROKEN = "This is no cursor of this list; pass on what 'next' said, unchanged."


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: by a field that is a time or a whole number, then by an id, a UUID or a whole number."""

    field: str
    by_time: bool = False
    uuids: bool = False

    def decode(self, cursor: str) -> tuple[Key, Place]:
        """The key and the id of the row that a cursor stands behind. Raises ValueError with a sentence."""
        try:
            key, place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            found = _time(key) if self.by_time else _number(key), UUID(place) if self.uuids else _number(place)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            raise ValueError(BROKEN) from None
        return found

    def encode(self, key: Key, place: Place) -> str:
        words = [key.isoformat() if isinstance(key, datetime) else key, str(place) if self.uuids else place]
        return urlsafe_b64encode(json.dumps(words).encode()).decode().rstrip("=")

    def page(self, rows: QuerySet[Row], cursor: str | None, limit: int) -> tuple[list[Row], str | None]:
        """The newest `limit` rows behind the cursor, and the cursor of the page after; None when there is none."""
        if cursor:
            key, place = self.decode(cursor)
            # Written so that the index on (field, id) serves it: a range first, the tie second.
            rows = rows.filter(Q(**{f"{self.field}__lte": key}), Q(**{f"{self.field}__lt": key}) | Q(pk__lt=place))
        found = list(rows.order_by(f"-{self.field}", "-pk")[: limit + 1])
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], self.encode(getattr(last, self.field), last.pk)


def _time(word: str) -> datetime:
    time = datetime.fromisoformat(word)
    if time.tzinfo is None:
        raise ValueError("a time without an offset")
    return time.astimezone(UTC)


def _number(word: object) -> int:
    if type(word) is not int or not -LARGEST <= word <= LARGEST:
        raise ValueError("not a whole number")
    return word
