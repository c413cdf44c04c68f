"""Which methods a path takes."""

from urllib.parse import unquote

from acs_emulator.testing import Emulator
from tests.acs_emulator.service.plain import ask

CALLS = "/calling/callConnections"


def test_it_says_which_methods_a_path_takes(acs: Emulator) -> None:
    for method, path, allowed in (
        ("GET", CALLS, "POST"),
        ("PUT", f"{CALLS}/x", "DELETE, GET"),
        ("DELETE", f"{CALLS}/x/participants/8%3Aacs%3Ares_ben", "GET"),
        ("GET", f"{CALLS}/x:startMediaStreaming", "POST"),
        ("PATCH", "/calling/recordings/x", "DELETE, GET"),
        ("POST", "/calling/keys", "GET, HEAD"),
    ):
        answer = ask(acs.url, method, f"{path}?api-version=2026-03-12")
        assert (answer.status, answer.headers["Allow"], answer.json["error"]["code"]) == (405, allowed, "8520")
        assert answer.json["error"]["message"] == f"Not supported: {method} {unquote(path)}. It takes {allowed}."
    assert "Allow" not in ask(acs.url, "POST", f"{CALLS}:dance").headers
    assert len(acs.do(lambda world: world.journal.entries("request", status=405))) == 6
