"""Takes out of text what opens a door: tokens, keys, proofs. For log lines, and for what is kept of a request. Pure."""

import re

SECRETS = (
    # a token in a path, to its end: it may hold slashes once decoded
    (re.compile(r"((?:/|%2[Ff])acs(?:/|%2[Ff])(?:media|callbacks|prompts)(?:/|%2[Ff]))[^\s?#\"'<>,)]+"), r"\1…"),
    (re.compile(r"(?i)\b((?:access_?)?token|key|code|sig)=[^\s&\"'<>,)]+"), r"\1=…"),
    (re.compile(r"(?i)(authorization\W{1,4}(?:b['\"])?)(?:(?:bearer|basic)\s+)?[^\s\"',;)]+"), r"\1…"),
    # our signed tokens and JWTs, wherever they stand: base64 of '{"…', then : or . and two more parts
    (re.compile(r"(?:\b|(?<=%[23][DFdf]))eyJ[\w-]{6,}(?:[.:]|%3[Aa])[\w-]+(?:[.:]|%3[Aa])[\w-]*"), "…"),
)
NUMBERS = re.compile(r"((?:\+|%2[Bb])|\b4:)\d(?:[\d ()/.-]|%[0-9A-Fa-f]{2}){5,}\d")  # in paths spaces are %20
SOUND = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")  # base64: nothing that is worth a line is written so
SECRET_NAMES = re.compile(
    r"authori[sz]ation|^x-auth|cookie|token|secret|passw|credential|jwt|api-?key|subscription-key"
)


def masked(text: str) -> str:
    """The text without what opens a door."""
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


def loggable(text: str) -> str:
    """The same, and without telephone numbers and sound: for log lines."""
    return NUMBERS.sub(r"\1…", SOUND.sub("…", masked(text)))


def masked_headers(headers: dict[str, str]) -> dict[str, str]:
    """Headers by lower-case name, without those that are a secret by name (authorization, cookie, x-api-key…), the
    others masked: a proxy may repeat the request's path, and with it the token, in a header of its own."""
    return {name: masked(value) for name, value in headers.items() if not SECRET_NAMES.search(name)}
