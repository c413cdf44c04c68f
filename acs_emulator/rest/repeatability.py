"""A request that is sent twice happens once: the same Repeatability-Request-ID gets the same answer (ACS.md 4.3)."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import NamedTuple

KEPT = 10_000


class Answer(NamedTuple):
    """`body` b"": none; `retry_after`: seconds, of the header."""

    status: int
    body: bytes
    retry_after: float | None = None


class Repeatability:
    """By path and id; what clients try again by themselves (408, 429, 5xx) is not kept."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, str], asyncio.Future[Answer]] = OrderedDict()

    async def once(self, path: str, request_id: str, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of the first request with this id, also while that is still being worked on."""
        key = (path, request_id)
        if key in self._answers:
            return await asyncio.shield(self._answers[key])
        promised = self._answers[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await work()
        except BaseException as wrong:
            self._answers.pop(key, None)
            if not promised.done():
                promised.set_exception(wrong if isinstance(wrong, Exception) else ConnectionError("cut off"))
                promised.exception()
            raise
        promised.set_result(answer)
        if answer.status >= 500 or answer.status in {408, 429}:
            self._answers.pop(key, None)
        while len(self._answers) > KEPT:
            self._answers.popitem(last=False)
        return answer
