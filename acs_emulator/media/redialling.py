"""A lost socket is dialled again as the scenario says, be it one of sound or of transcription. Knows no socket."""

import asyncio
import math
from collections.abc import Awaitable, Callable

from acs_emulator.scenario.schema import StreamPlan

# Dials for the so many-th time; whether that worked.
Dial = Callable[[int], Awaitable[bool]]


class Redialling:
    """One per subscription. `failed` is called when the last attempt failed."""

    def __init__(self, plan: StreamPlan, dial: Dial, failed: Callable[[], None]) -> None:
        self._plan, self._dial, self._failed = plan, dial, failed
        self._task: asyncio.Task[None] | None = None

    @property
    def is_on(self) -> bool:
        return self._task is not None and not self._task.done()

    def begin(self, wait: float | None = None) -> None:
        """`wait`: seconds before each attempt, where they are not the plan's."""
        wait = self._plan.redial if wait is None else wait
        if not math.isinf(wait):
            self._task = asyncio.create_task(self._run(wait))

    def give_up(self) -> None:
        if self._task:
            self._task.cancel()
            self._task = None

    async def _run(self, wait: float) -> None:
        for attempt in range(1, self._plan.attempts + 1):
            await asyncio.sleep(wait)
            if await self._dial(attempt):
                return
        self._failed()
