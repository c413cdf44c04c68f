"""The request to the REST API that does what a button or form does, as a command line. static/console/command.js keeps
it current while a form is filled in."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest

EXAMPLE = {"to": ["+15550100"]}


def curl(request: HttpRequest, method: str, path: str, body: Mapping[str, Any] | None = None) -> str:
    """`path` under /api/v1, with its query. The token is the reader's: they keep it in $TOKEN."""
    return line(method, request.build_absolute_uri(f"/api/v1{path}"), body)


def line(method: str, url: str, body: Mapping[str, Any] | None = None) -> str:
    lines = [f"curl {_quoted(url)}" if method == "GET" else f"curl -X {method} {_quoted(url)}"]
    lines.append('-H "Authorization: Bearer $TOKEN"')
    if body is not None:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {_quoted(json.dumps(body, ensure_ascii=False))}")
    return " \\\n  ".join(lines)


def _quoted(text: str) -> str:
    """For a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def base_of(request: HttpRequest, call_id: UUID) -> str:
    """The address that all requests about a call share."""
    return request.build_absolute_uri(f"/api/v1/calls/{call_id}")


def of_call(base: str, transferee: str = "") -> dict[str, str]:
    """For every action of a call's page, by its name. `transferee`: who goes, where there are several."""
    goes = {"transferee": transferee} if transferee else {}
    return {
        "base": base,
        "hangup": line("POST", f"{base}/hangup"),
        "leave": line("POST", f"{base}/hangup", {"for_everyone": False}),
        "start": line("POST", f"{base}/start-streaming"),
        "stop": line("POST", f"{base}/stop-streaming"),
        "add": line("POST", f"{base}/participants", EXAMPLE),
        "transfer": line("POST", f"{base}/transfer", {"to": "+15550100", **goes}),
        "keys": line("POST", f"{base}/dtmf", {"tones": "12#"}),
        "play": line("POST", f"{base}/play", {"announce": "One moment, please."}),
    }


def of_person(base: str, raw_id: str, action: str) -> str:
    """mute, hold, unhold or remove somebody who is in the call."""
    url = f"{base}/participants/{quote(raw_id, safe=':+')}"
    return line("DELETE", url) if action == "remove" else line("POST", f"{url}/{action}")
