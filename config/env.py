"""Reads settings from the environment. A bad value stops the start with a sentence. Knows nothing of Django's
settings."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 32  # characters
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class Env:
    """The environment, typed. Every reader raises ImproperlyConfigured naming the variable, its value and what would
    do."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = os.environ if values is None else values

    def text(self, name: str, default: str = "") -> str:
        """The value; or the content of the file that NAME_FILE names, so that a secret need not stand in the
        environment."""
        if path := self.values.get(f"{name}_FILE"):
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {error}") from error
        value = self.values.get(name, "").strip()
        return value or default

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, "1" if default else "0").lower()
        if value in TRUE:
            return True
        if value in FALSE:
            return False
        raise ImproperlyConfigured(f"{name}={value!r} is neither 1 nor 0.")

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        try:
            number = int(value)
        except ValueError:
            raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from None
        if not low <= number <= high:
            raise ImproperlyConfigured(f"{name}={number} is out of range; it must lie between {low} and {high}.")
        return number

    def words(self, name: str) -> list[str]:
        """A comma-separated list, without empty entries."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name}={value!r} is not one of: {', '.join(choices)}.")
        return value

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().absolute()

    def url(self, name: str, schemes: tuple[str, ...]) -> str:
        """A URL with a host, without a slash at its end; "" when unset."""
        value = self.text(name).rstrip("/")
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host, parts = None, urlsplit("")
        if parts.scheme not in schemes or not host:
            raise ImproperlyConfigured(
                f"{name}={value!r} is not a URL that begins with {' or '.join(f'{s}://' for s in schemes)}."
            )
        return value

    def secret(self, name: str) -> str:
        """A key that signs; "" when unset. Its value is never said."""
        value = self.text(name)
        if value and len(value) < SHORTEST_SECRET:
            raise ImproperlyConfigured(
                f"{name} has {len(value)} characters and could be guessed; it must have at least {SHORTEST_SECRET}. "
                "Leave it unset to have one made."
            )
        return value

    def secrets(self, name: str) -> list[str]:
        """Keys that signed once, comma separated; none is said."""
        words = self.words(name)
        if any(len(word) < SHORTEST_SECRET for word in words):
            raise ImproperlyConfigured(f"{name}: each key must have at least {SHORTEST_SECRET} characters.")
        return words

    def redis(self, name: str) -> str:
        """redis://host, rediss://host or unix:///path; "" when unset. It may hold a password, so it is never said."""
        value = self.text(name)
        try:
            parts = urlsplit(value)
            there = parts.path.strip("/") if parts.scheme == "unix" else parts.hostname and (parts.port or True)
        except ValueError:
            parts, there = urlsplit(""), None
        if value and not (parts.scheme in {"redis", "rediss", "unix"} and there):
            raise ImproperlyConfigured(f"{name} must look like redis://host:6379/0, rediss://… or unix:///path.")
        return value

    def networks(self, name: str) -> list[str]:
        """Addresses and networks, or `*` alone for everybody."""
        words = self.words(name)
        for word in words if words != ["*"] else []:
            try:
                ipaddress.ip_network(word)
            except ValueError:
                raise ImproperlyConfigured(
                    f"{name}: {word!r} is neither an address (10.0.0.7) nor a network (10.0.0.0/8); "
                    "'*' alone trusts everybody."
                ) from None
        return words

    def webhooks(self, name: str) -> list[str]:
        """http or https URLs, `slack+` or `teams+` before them; they may hold a secret, so none is said."""
        addresses = self.words(name)
        parts = [urlsplit(address.removeprefix("slack+").removeprefix("teams+")) for address in addresses]
        if not all(part.scheme in {"http", "https"} and part.netloc for part in parts):
            raise ImproperlyConfigured(f"{name}: each address must begin with https:// (or http://), comma separated.")
        return addresses

    def email(self, name: str) -> dict[str, object]:
        """Django's EMAIL_ settings of smtp://user:password@host:587 (STARTTLS), smtps://host:465, or smtp://host:25
        without log-in (STARTTLS where it is offered); {} when unset. It may hold a password, so it is never said."""
        value = self.text(name)
        if not value:
            return {}
        parts = urlsplit(value)
        try:
            port = parts.port or {"smtp": 587, "smtps": 465}.get(parts.scheme, 0)
        except ValueError:
            port = 0
        if not (port and parts.hostname):
            raise ImproperlyConfigured(f"{name} must look like smtp://user:password@host:587 or smtps://host:465.")
        return {
            "EMAIL_BACKEND": "media.alarms.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": port,
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
        }

    def connection_string(self, name: str) -> str:
        """`endpoint=https://…;accesskey=…`, as the portal shows it; "" when unset. Its value is never said."""
        value = self.text(name)
        parts = {key.strip().lower(): rest for key, _, rest in (part.partition("=") for part in value.split(";"))}
        address = urlsplit(parts.get("endpoint", ""))
        if value and not (address.scheme in {"https", "http"} and address.netloc and parts.get("accesskey")):
            raise ImproperlyConfigured(
                f"{name} must look like endpoint=https://….communication.azure.com/;accesskey=…: "
                "copy it whole from the portal (your resource, Keys)."
            )
        return value


def database_from_url(url: str) -> dict[str, object]:
    """Django's database entry for postgres://user:password@host:port/name?option=value (a socket folder:
    ?host=/run/…)."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgres://user:password@host:5432/name; only PostgreSQL works."
        )
    try:
        port = parts.port or ""
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL has a port that is no number.") from None
    options = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(options.pop("host", "")) or parts.hostname or "",
        "PORT": port,
        "OPTIONS": {name: unquote(value) for name, value in options.items()},
    }
