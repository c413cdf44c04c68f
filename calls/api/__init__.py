"""The REST API's doors to calls: each reads, calls one function, answers. They are asynchronous: who waits for ACS, or
for a call, holds no thread and no database connection."""

from ninja import Router

from calls.api.calls import router as calls_router
from calls.api.control import router as control_router
from calls.api.incoming import router as incoming_router
from calls.api.people import router as people_router
from calls.auth import ASYNC_AUTH

router = Router(auth=ASYNC_AUTH)
for part in (calls_router, control_router, incoming_router, people_router):
    router.add_router("", part)
