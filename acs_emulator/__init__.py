"""Azure Communication Services Call Automation on localhost: REST, callbacks, media sockets, faults. No Django.

cli → server → world: one World, passed to whoever needs it; one asyncio loop.
rest/      HTTP to operation and back; `operations.py` is the list of all, `door.py` what each request goes through
calls/     `Conversation`: who hears each other; `Call`: one application's leg of it; `Invitation`: a telephone rings
events/    callbacks and Event Grid; an event leaves after the answer of the request that it follows from
media/     everything of sound: voices, streams, prompts (its __init__ says what the rest uses)
scenario/  decisions: who answers, who says what, which request, event or frame is spoiled
control/   the page and its JSON API
"""
