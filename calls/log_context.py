"""Which call and which session a piece of work is about, so that its log lines say so (config/log_lines.py), whoever
writes them. Not for the path of frames."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[UUID, P], Coroutine[Any, Any, T]]

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """`call` and `session`, as far as they are known; None says nothing."""
    token = _about.set({**_about.get(), **named(**ids)})
    try:
        yield
    finally:
        _about.reset(token)


def named(**ids: object) -> dict[str, str]:
    """For a line's own `extra`."""
    return {name: str(value) for name, value in ids.items() if value}


def current() -> Mapping[str, str]:
    return _about.get()


def of_call(work: Work[P, T]) -> Work[P, T]:
    """For work whose first argument is the id of the call that it is about."""

    @wraps(work)
    async def named_work(call_id: UUID, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with about(call=call_id):
            return await work(call_id, *args, **kwargs)

    return named_work
