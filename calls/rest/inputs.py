"""Words that come in over the REST API: text that PostgreSQL can hold, and times."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

_OFFSET_LOST = re.compile(r"(T\S+) (\d\d:?\d\d)$")


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("A NUL character cannot be stored or searched for.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("This is half of a character (a lone surrogate); send whole ones.") from None
    return text


def _iso_time(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("A time is a text like 2026-03-01T12:00:00Z.")
    # A plus that was not escaped in a query string arrives as a space.
    text = _OFFSET_LOST.sub(r"\1+\2", value.strip())
    try:
        time = datetime.fromisoformat(text)
        # In UTC, because PostgreSQL takes no offset beyond 16 hours.
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{value!r} is no ISO 8601 time; it should look like 2026-03-01T12:00:00Z.") from None
    except OverflowError:
        raise ValueError(f"{value!r} lies outside the years 1 to 9999 in UTC.") from None


Line = Annotated[str, AfterValidator(_storable)]
Words = Annotated[str, Field(max_length=2000), AfterValidator(_storable)]
LongId = Annotated[str, Field(max_length=4000), AfterValidator(_storable)]
# Its length is asked first: after a function pydantic no longer knows that it is text, and speaks of "items".
ShortLine = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
Time = Annotated[datetime, BeforeValidator(_iso_time)]
