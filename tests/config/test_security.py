"""The Content-Security-Policy: strict on the console's pages, and a policy on every other one."""

import re

import pytest
from django.test import AsyncClient, Client

from tests.people import signed_in_staff

pytestmark = pytest.mark.django_db


def policy_of(path: str, client: Client) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in client.get(path)["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_it_lets_no_inline_script_run_but_the_import_map() -> None:
    answer = Client().get("/login/")
    policy = answer["Content-Security-Policy"]
    inline = re.findall(r"<script(?![^>]* src=)([^>]*)>", answer.text)
    assert len(inline) == 1
    nonce = re.search(r'nonce="([^"]+)"', inline[0])
    assert nonce
    assert f"script-src 'self' 'nonce-{nonce[1]}';" in policy
    assert "unsafe" not in policy
    assert " style=" not in answer.text
    assert Client().get("/login/")["Content-Security-Policy"] != policy  # a nonce is for once


def test_it_asks_no_other_host_anywhere() -> None:
    staff = signed_in_staff("ada")
    for path in ("/", "/sessions/", "/admin/", "/api/v1/docs", "/nothing-here/"):
        policy = policy_of(path, staff)
        assert policy["default-src"] == "'self'"
        assert policy["form-action"] == "'self'"
        assert not [value for value in policy.values() if "http" in value or "*" in value]


async def test_it_guards_what_is_answered_later_too() -> None:
    assert "nonce-" in (await AsyncClient().get("/nothing-here/"))["Content-Security-Policy"]
