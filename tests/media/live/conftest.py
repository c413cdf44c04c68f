"""Two server processes of one installation behind one Redis: ACS streams to one, browsers look at the other."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from websockets.asyncio.client import connect

from media.sessions.identity import session_of_call
from tests.redis_server import RedisServer, running_redis
from tests.serving import RunningServer

SIGN_IN = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.backends.db import SessionStore
for name, group in (("olga", "Operator"), ("otto", None), ("ivy", None), ("zoe", "Operator")):
    user = User.objects.create_user(name)
    if group:
        user.groups.add(Group.objects.get(name=group))
    if name == "ivy":
        user.user_permissions.add(Permission.objects.get(codename="view_streamsession"))
    session = SessionStore()
    session.update({SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash(),
                    BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend"})
    session.save()
    print(f"{name}={session.session_key}")
"""


@dataclass
class Installation:
    """`ears` takes ACS's sockets, `eyes` the browsers'."""

    ears: RunningServer
    eyes: RunningServer
    layer: RedisServer
    cookies: dict[str, str]

    def browser(self, path: str, who: str, origin: str = "", server: RunningServer | None = None) -> connect:
        """A browser's socket of that person; nobody is signed in as "nobody"."""
        server = server or self.eyes
        cookie = {"Cookie": f"other=1; sessionid={self.cookies.get(who, 'none')}"}
        return connect(server.ws + path, origin=origin or server.url, additional_headers=cookie)  # type: ignore[arg-type]

    def stream(self) -> tuple[str, uuid.UUID]:
        """The address for a new call's audio, and the session that it becomes."""
        call = uuid.uuid4()
        return self.ears.media_url(call), session_of_call(call)

    def published(self) -> int:
        """Messages that Redis was given until now."""
        stats = redis.Redis(port=self.layer.port).info("commandstats")
        return int(stats.get("cmdstat_zadd", {}).get("calls", 0))


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("live")
    with running_redis(folder) as layer:
        env = {"REDIS_URL": layer.url, "DATABASE_URL": None}
        with RunningServer(folder / "var", env) as ears, RunningServer(folder / "var", env) as eyes:
            said = ears.manage("shell", "-c", SIGN_IN).stdout
            cookies = dict(line.split("=") for line in said.split() if "=" in line)
            assert set(cookies) == {"olga", "otto", "ivy", "zoe"}, said
            yield Installation(ears, eyes, layer, cookies)


def until(condition, seconds: float = 10) -> bool:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
