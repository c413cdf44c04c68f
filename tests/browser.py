"""A real browser before our pages: Chromium of the machine, driven by Playwright, and the server that it looks at.
Every error in its console and every request to another host fails the test that uses it."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn
from django.db import connections
from playwright.sync_api import Page, expect, sync_playwright

Result = TypeVar("Result")
expect.set_options(timeout=20_000)  # a machine that is busy with other things is no fault of the page
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --autoplay-policy=user-gesture-required"
)


@contextmanager
def serving() -> Iterator[str]:
    """The whole ASGI application in this process, on the test's own database; yields its URL."""
    from calls import event_loop
    from config.asgi import application

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
        event_loop.close()  # its connections are to this test's database; every page asks there for calls that ring


@contextmanager
def browsing(
    base: str,
    width: int = 1280,
    scheme: Any = "light",
    expected: str = "nothing",
    session: str = "",
    autoplay: str = "",
    zone: str | None = None,
) -> Iterator[Page]:
    """A page of a fresh browser, with `base` as its base URL. Console errors that hold `expected` are no faults.
    `session` is the key of somebody who has signed in; `autoplay` Chromium's policy for sound;
    `zone` where the reader's clock is."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        flags = QUIET.replace("user-gesture-required", autoplay) if autoplay else QUIET
        browser = playwright.chromium.launch(executable_path=chromium, args=flags.split())
        view = {"width": width, "height": 900}
        context = browser.new_context(base_url=base, viewport=view, color_scheme=scheme, timezone_id=zone)  # type: ignore[arg-type]
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": base}])
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(f"error in a script: {error}"))
        page.on("console", lambda line: faults.append(f"console: {line.text}") if line.type == "error" else None)
        page.on(
            "request", lambda asked: faults.append(f"another host: {asked.url}") if _outside(asked.url, base) else None
        )
        yield page
        browser.close()
        assert not (left := [fault for fault in faults if expected not in fault]), left


def _outside(url: str, base: str) -> bool:
    return not url.startswith((base, "data:", "blob:"))


def in_the_database(work: Callable[[], Result]) -> Result:
    """Runs `work` in a thread of its own: where a browser is open, Django believes that this one is asynchronous."""

    def close_after() -> Result:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(close_after).result()
