"""The request to the REST API that does what a form does, as a command line. static/console/command.js keeps it current
while a form is filled in."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest


def curl(request: HttpRequest, method: str, path: str, body: Mapping[str, Any] | None = None) -> str:
    """`path` under /api/v1, with its query. The token is the reader's: they keep it in $TOKEN."""
    url = request.build_absolute_uri(f"/api/v1{path}")
    lines = [f"curl {_quoted(url)}" if method == "GET" else f"curl -X {method} {_quoted(url)}"]
    lines.append('-H "Authorization: Bearer $TOKEN"')
    if body is not None:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {_quoted(json.dumps(body, ensure_ascii=False))}")
    return " \\\n  ".join(lines)


def _quoted(text: str) -> str:
    """For a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def of_call(request: HttpRequest, call_id: UUID) -> dict[str, str]:
    """For every deed of a call's page, by its name; `base` is the address that they share."""
    path = f"/calls/{call_id}"
    return {
        "base": request.build_absolute_uri(f"/api/v1{path}"),
        "hangup": curl(request, "POST", f"{path}/hangup"),
        "leave": curl(request, "POST", f"{path}/hangup", {"for_everyone": False}),
        "start": curl(request, "POST", f"{path}/start-streaming"),
        "stop": curl(request, "POST", f"{path}/stop-streaming"),
        "add": curl(request, "POST", f"{path}/participants", {"to": ["+15550100"]}),
        "transfer": curl(request, "POST", f"{path}/transfer", {"to": "+15550100"}),
        "keys": curl(request, "POST", f"{path}/dtmf", {"tones": "12#"}),
        "play": curl(request, "POST", f"{path}/play", {"announce": "One moment, please."}),
        "mute": curl(request, "POST", f"{path}/participants/+15550100/mute"),
    }
