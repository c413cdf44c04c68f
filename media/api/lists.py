"""Which lists the REST API has, in which order, and the query that turns their pages."""

from typing import Annotated

from django.db.models import BigIntegerField, ExpressionWrapper, F

from calls.rest.cursor import Order
from calls.rest.shapes import PageQuery, cursor_check
from media.models import TICKS_PER_SECOND

NEWEST = Order("started_at", by_time=True, uuids=True)
CHUNKS = Order("ticks", uuids=True)
GAPS = Order("ticks")
EVENTS = Order("at", by_time=True, uuids=True)
ENTRIES = Order("id")

# Lanes of different rates in one order. Position, rate and tick rate together stay within 63 bits until the year 2096.
IN_TICKS = ExpressionWrapper(F("position") * TICKS_PER_SECOND / F("rate"), output_field=BigIntegerField())


class ChunkQuery(PageQuery):
    cursor: Annotated[str | None, cursor_check(CHUNKS)] = None


class GapQuery(PageQuery):
    cursor: Annotated[str | None, cursor_check(GAPS)] = None


class EventQuery(PageQuery):
    cursor: Annotated[str | None, cursor_check(EVENTS)] = None


class AccessQuery(PageQuery):
    cursor: Annotated[str | None, cursor_check(ENTRIES)] = None
