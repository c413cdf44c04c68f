"""Words that come in over the REST API: text that can be kept, and times."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from calls.texts import an_id, any_text, one_line, some_lines

_OFFSET_LOST = re.compile(r"(T\S+) (\d\d:?\d\d)$")


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


# Lengths are asked first: after a function pydantic no longer knows that it is text, and speaks of "items".
Line = Annotated[str, AfterValidator(any_text)]
Words = Annotated[str, Field(max_length=2000), AfterValidator(some_lines)]
Speech = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(some_lines)]
ShortLine = Annotated[str, Field(max_length=200), AfterValidator(one_line)]
ShortId = Annotated[str, Field(max_length=200), AfterValidator(an_id)]
LongId = Annotated[str, Field(max_length=4000), AfterValidator(an_id)]
Somebody = Annotated[str, Field(max_length=200), AfterValidator(any_text)]
"""A number as people write and copy it, which may hold marks that cannot be seen; or a raw id."""
Time = Annotated[datetime, BeforeValidator(_iso_time)]
