"""REDIS_URL: processes hear each other through a real Redis; without it the layer is this process's own."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from channels.layers import get_channel_layer
from django.test import override_settings

from tests.redis_server import running_redis


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    with running_redis(tmp_path) as server:
        yield server.url


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
