"""How large the body of a request may be. Checked before anything is kept: the doors for ACS are open to the internet,
and Django would write whatever comes to disk before anybody is asked who they are."""

from config.answers import JSON, TEXT, Application, Message, Receive, Scope, Send, respond

MIB = 1 << 20
DOORS = (("/acs/", MIB), ("/api/", MIB), ("", 40 * MIB))  # the last: a sound that is uploaded has at most 32 MiB
TOO_LARGE = "This is larger than {limit} MiB."


async def limited(application: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """The application's answer; 413 where the body is too large, whatever length was declared."""
    path = scope["path"]
    limit = next(limit for door, limit in DOORS if path.startswith(door))
    came = 0

    async def counting() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        # Who waits for the rest gives up, without an answer of its own.
        return message if came <= limit else {"type": "http.disconnect"}

    if _declared(scope) <= limit:
        await application(dict(scope), counting, send)
    if max(_declared(scope), came) > limit:
        text = TOO_LARGE.format(limit=limit // MIB)
        if path.startswith("/api/"):
            await respond(send, 413, f'{{"detail": "{text}"}}', JSON)
        else:
            await respond(send, 413, f"{text}\n", TEXT)


def _declared(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < 19 else 0
