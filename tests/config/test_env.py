"""Settings: what they take, and the sentence where they do not. What a server says then: test_serve.py."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import Env

WRONG = {
    "redis": ["foo", "http://host:6379", "redis://", "redis://host:port", "redis://[x", "unix://"],
    "networks": ["abc", "10.0.0.1/8", "10.0.0.1,abc", "*,10.0.0.1", "10.0.0.0/40"],
    "secret": ["short", "x" * 31],
    "secrets": ["x" * 32 + ",short"],
    "connection_string": [
        "https://x.communication.azure.com",
        "endpoint=https://x.communication.azure.com/",
        "accesskey=c2VjcmV0",
        "endpoint=https://x.communication.azure.com/;accesskey=",
        "endpoint=x;accesskey=c2VjcmV0",
    ],
}
RIGHT = {
    "redis": ["redis://host", "rediss://user:password@host:6380/1", "unix:///run/redis.sock?db=1"],
    "networks": ["127.0.0.1", "10.0.0.0/8, ::1", "*"],
    "secret": ["x" * 32],
    "secrets": ["x" * 32 + ", " + "y" * 40],
    "connection_string": [
        "endpoint=https://x.communication.azure.com/;accesskey=c2VjcmV0==",
        "Endpoint=http://127.0.0.1:7070;AccessKey=c2VjcmV0",
    ],
}


@pytest.mark.parametrize(("reader", "value"), [(reader, value) for reader in WRONG for value in WRONG[reader]])
def test_it_refuses_nonsense_with_a_sentence(reader: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^NAME") as refused:
        getattr(Env({"NAME": value}), reader)("NAME")
    assert str(refused.value).endswith((".", "…")), refused.value
    assert "c2VjcmV0" not in str(refused.value)


@pytest.mark.parametrize(("reader", "value"), [(reader, value) for reader in RIGHT for value in RIGHT[reader]])
def test_it_takes_what_works(reader: str, value: str) -> None:
    read = getattr(Env({"NAME": value}), reader)("NAME")
    assert ", ".join(read) == value if reader in {"networks", "secrets"} else read == value


@pytest.mark.parametrize("reader", RIGHT)
def test_it_takes_nothing(reader: str) -> None:
    assert not getattr(Env({"NAME": " "}), reader)("NAME")
