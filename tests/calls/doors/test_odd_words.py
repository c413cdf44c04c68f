"""Words that nobody could read, at each door of the REST API of calls that takes some."""

from collections.abc import Callable
from typing import Any

from tests.calls.doors.stand import Stand
from tests.calls.doors.test_rest import says

ODD = ("   ", "\t\n", "a\0b", "a\x1bb", "a\x7fb", "\u200b", "x" * 5_000)
WRITTEN: list[tuple[str, str, Callable[[str], Any]]] = [
    *(("/calls/connect", name, lambda odd, name=name: {name: odd}) for name in ("group_call_id", "room_id")),
    ("/calls/connect", "server_call_id", lambda odd: {"server_call_id": odd}),
    ("/calls", "to", lambda odd: {"to": ["8:acs:" + odd]}),
    ("/calls", "display_name", lambda odd: {"to": ["8:acs:a"], "display_name": odd}),
    ("/calls", "announce", lambda odd: {"to": ["8:acs:a"], "announce": odd}),
    ("/calls", "note", lambda odd: {"to": ["8:acs:a"], "note": odd}),
    ("/media-urls", "label", lambda odd: {"label": odd}),
    ("/media-urls", "external_id", lambda odd: {"external_id": odd}),
    ("/calls/{call}/dtmf", "tones", lambda odd: {"tones": odd}),
    ("/calls/{call}/dtmf", "to", lambda odd: {"tones": "1", "to": odd}),
    ("/calls/{call}/play", "announce", lambda odd: {"announce": odd}),
    ("/calls/{call}/transfer", "transferee", lambda odd: {"to": "8:acs:b", "transferee": odd}),
]


def test_it_refuses_words_that_nobody_could_read(office: Stand) -> None:
    """Blanks alone, control characters, no end: each with a sentence at its place, and nothing reaches ACS."""
    call = office.connected()
    before = len(office.ask("GET", "/calls?limit=200").body["items"])
    for path, name, body in WRITTEN:
        for odd in ODD:
            refused = office.ask("POST", path.format(call=call["id"]), body(odd))
            says(refused, 422)
            assert refused.body["detail"][0]["loc"][:2] == ["body", name], (path, odd, refused)
    assert len(office.ask("GET", "/calls?limit=200").body["items"]) == before
    assert "x" * 60 + "… is not in" in says(office.ask("DELETE", f"/calls/{call['id']}/participants/{'x' * 999}"), 404)
    assert "a\ufffdb is not in" in says(office.ask("DELETE", f"/calls/{call['id']}/participants/a%00b"), 404)
