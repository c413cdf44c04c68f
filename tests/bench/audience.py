"""Those who look and listen, without a browser: sockets of the console in one process, which answer as pages do.

`python -m tests.bench.audience` reads an Order as JSON from stdin, says "open" when all are connected, and ends with
its stdin."""

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 30.0
DEAF_SECONDS = 6.0  # the server lets go of somebody who has answered nothing for five
ANSWER = '{"type":"ack"}'


@dataclass(frozen=True)
class Order:
    """`listen`: sessions, each heard once; `deaf`: sessions whose listener takes nothing from its socket, and comes
    back when it was let go."""

    base: str
    cookie: str
    watch: int
    listen: list[str]
    deaf: list[str]


def opened(order: Order, path: str, queue: int = 16) -> connect:
    origin, cookie = order.base.replace("ws", "http", 1), {"Cookie": f"sessionid={order.cookie}"}
    return connect(order.base + path, origin=origin, additional_headers=cookie, max_queue=queue)  # type: ignore[arg-type]


async def attend(socket: ClientConnection) -> None:
    """As a page: answers each beat and every tenth block."""
    blocks = 0
    async for message in socket:
        blocks += isinstance(message, bytes)
        if (blocks and blocks % 10 == 0) or (isinstance(message, str) and message.startswith('{"type":"beat"')):
            await socket.send(ANSWER)


async def be_deaf(order: Order, session: str) -> None:
    while True:
        with contextlib.suppress(ConnectionClosed):
            socket = await opened(order, f"/ws/sessions/{session}/listen", queue=1)
            await asyncio.sleep(DEAF_SECONDS)
            socket.transport.abort()


async def run(order: Order) -> None:
    paths = ["/ws/board"] * order.watch + [f"/ws/sessions/{session}/listen" for session in order.listen]
    sockets = await asyncio.wait_for(asyncio.gather(*(opened(order, path) for path in paths)), PATIENCE)
    tasks = [asyncio.create_task(attend(socket)) for socket in sockets]
    tasks += [asyncio.create_task(be_deaf(order, session)) for session in order.deaf]
    sys.stdout.write("open\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(run(Order(**json.loads(sys.stdin.readline()))))
