"""REDIS_URL: processes hear each other through a real Redis; without it the layer is this process's own."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from channels.layers import get_channel_layer
from channels_redis.core import RedisChannelLayer
from django.test import override_settings

from tests.redis_server import running_redis
from tests.serving import ROOT


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    with running_redis(tmp_path) as server:
        yield server.url


ASKED = """
from django.conf import settings
print(settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]["socket_timeout"])
"""


def layers(url: str) -> dict[str, Any]:
    return {
        name: {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [url]}}
        for name in ("default", "elsewhere")
    }


async def test_it_carries_a_message_from_one_process_to_another(redis_url: str) -> None:
    with override_settings(CHANNEL_LAYERS=layers(redis_url)):
        here, there = get_channel_layer("default"), get_channel_layer("elsewhere")
        channel = await there.new_channel()
        await until_up(there, channel)
        await here.group_send("board", {"type": "session.changed", "id": "1"})
        assert await there.receive(channel) == {"type": "session.changed", "id": "1"}


def test_a_quiet_redis_is_not_taken_for_one_that_is_away() -> None:
    """The layer waits for a message as long as redis-py, left alone, waits for any answer."""
    command = [
        sys.executable,
        str(ROOT / "manage.py"),
        "shell",
        "-c",
        "from django.conf import settings as s\n" + ASKED,
    ]
    env = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0"}
    said = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    assert float(said.stdout.split()[-1]) > RedisChannelLayer.brpop_timeout + 2


async def until_up(layer: Any, channel: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            await layer.group_add("board", channel)
        except (OSError, redis.ConnectionError):
            assert time.monotonic() < deadline, "Redis did not start"
            await asyncio.sleep(0.02)
        else:
            return
