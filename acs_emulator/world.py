"""The whole state of one emulator: made once, passed to whoever needs it. Knows no HTTP routes."""

import asyncio
import uuid
from collections.abc import Coroutine
from ssl import SSLContext
from typing import Any

import aiohttp

from acs_emulator.calls.call import Call
from acs_emulator.calls.conversation import Conversation
from acs_emulator.calls.identifiers import completed
from acs_emulator.calls.invitation import Invitation
from acs_emulator.calls.placing import call_in
from acs_emulator.calls.recording import Recording
from acs_emulator.clock import Clock
from acs_emulator.events.grid import EventGrid
from acs_emulator.journal import Journal
from acs_emulator.keys import DEVELOPMENT_KEY, checked_key, resource_id_of
from acs_emulator.record import Record
from acs_emulator.scenario import Incoming, Scenario
from acs_emulator.ticker import Ticker
from acs_emulator.tokens import Tokens


class World:
    """Between `open` and `close` it runs on one asyncio loop.

    key: base64, of the HMAC; identity_tokens: also take any Bearer token, as of an Azure identity; trust: what wss://
    and https:// servers of applications are checked against. Raises BadKey.
    """

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        key: str = DEVELOPMENT_KEY,
        identity_tokens: bool = False,
        record: Record | None = None,
        trust: SSLContext | None = None,
    ) -> None:
        self.scenario = scenario or Scenario()
        self.key = checked_key(key)
        self.resource_id = resource_id_of(key)
        self.identity_tokens = identity_tokens
        self.clock = Clock(self.scenario.file.clock)
        self.journal = Journal(self.clock)
        self.record = record or Record()
        self.ticker = Ticker()
        self.trust = trust
        self.tokens = Tokens(self.resource_id)
        self.grid = EventGrid(self)
        self.base_url = ""
        self.calls: dict[str, Call] = {}
        self.conversations: dict[str, Conversation] = {}
        self.gatherings: dict[tuple[str, str], Conversation] = {}
        self.invitations: dict[str, Invitation] = {}
        self.recordings: dict[str, Recording] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._http: aiohttp.ClientSession | None = None

    @property
    def http(self) -> aiohttp.ClientSession:
        """For callbacks, webhooks and prompts; only while open."""
        if self._http is None:
            raise RuntimeError("The world is not open.")
        return self._http

    async def open(self) -> None:
        connector = aiohttp.TCPConnector(limit=0, ssl=self.trust or True)
        timeout = aiohttp.ClientTimeout(total=10)
        self._http = aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        self.ticker.start()
        for incoming in self.scenario.incoming:
            self.spawn(self._call_in(incoming), f"{incoming.caller} calls {incoming.called}")

    async def close(self) -> None:
        """Ends every call without telling anybody, as if the machine were switched off."""
        await asyncio.gather(*(call.silence() for call in tuple(self.calls.values())))
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.ticker.stop()
        if self._http:
            await self._http.close()
        self.record.close()

    def spawn(self, work: Coroutine[Any, Any, object], name: str) -> asyncio.Task[Any]:
        """A task of the world: kept until it ends, cancelled with it; a failure is in the journal, never lost."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def socket_token(self) -> str:
        return self.tokens.for_socket()

    def new_user(self) -> str:
        """An identity of the emulated resource."""
        return f"8:acs:{self.resource_id}_{uuid.uuid4()}"

    async def _call_in(self, incoming: Incoming) -> None:
        await asyncio.sleep(incoming.at)
        call_in(self, completed(incoming.caller), completed(incoming.called), incoming.name)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (wrong := task.exception()):
            self.journal.write("emulator_error", task=task.get_name(), error=f"{type(wrong).__name__}: {wrong}")
            task.get_loop().call_exception_handler({"message": f"{task.get_name()} failed", "exception": wrong})
