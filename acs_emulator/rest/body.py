"""A request's JSON body, read field by field; what is missing or wrong is an error that names it. Pure."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Self
from urllib.parse import urlsplit

from acs_emulator.calls.identifiers import is_phone, raw_id_of
from acs_emulator.calls.options import Operation
from acs_emulator.rest.errors import bad_argument

# Telephones, those without a number, and asserted identities (ACS.md 2.4).
_PHONE = re.compile(r"4:(\+\d{1,15}|anonymous)(_.*)?")


class Body:
    """`fields`: the JSON object. Every method raises ApiError 400."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields

    @classmethod
    def read(cls, content: bytes) -> Self:
        try:
            fields = json.loads(content) if content.strip() else {}
        except (ValueError, RecursionError):
            raise bad_argument("The request body is not JSON.") from None
        if not isinstance(fields, dict):
            raise bad_argument("The request body is not a JSON object.")
        return cls(fields)

    @property
    def operation(self) -> Operation:
        context = self.text("operationContext", required=False) or None
        return Operation(context, self.address("operationCallbackUri", required=False))

    def text(self, name: str, *, required: bool = True) -> str:
        value = self.fields.get(name)
        if isinstance(value, str) and value:
            return value
        if (value is None or value == "") and not required:
            return ""
        raise bad_argument(f"The field {name} is invalid.")

    def texts(self, name: str) -> tuple[str, ...]:
        """Of a list that may be absent."""
        value = self.fields.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise bad_argument(f"The field {name} is invalid.")
        return tuple(value)

    def texts_by_name(self, name: str) -> dict[str, str]:
        """An object of texts that may be absent."""
        value = self.fields.get(name) or {}
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise bad_argument(f"The field {name} is invalid.")
        return value

    def one_of(self, name: str, choices: Collection[str], *, required: bool = True) -> str:
        """In whatever case it is written, as SDKs differ."""
        value = self.fields.get(name)
        if isinstance(value, str) and value.lower() in {choice.lower() for choice in choices}:
            return value
        if value is None and not required:
            return ""
        raise bad_argument(f"The field {name} is invalid: {', '.join(choices)}.")

    def address(self, name: str, *, required: bool = True) -> str:
        value = self.text(name, required=required)
        if value and not is_address(value, "http", "https"):
            raise bad_argument(f"The field {name} is invalid.")
        return value

    def person(self, name: str) -> str:
        """The raw id of an identifier."""
        return _raw_id(self.fields.get(name), name)

    def people(self, name: str) -> list[str]:
        """At least one raw id, each once."""
        value = self.fields.get(name)
        if not isinstance(value, list) or not value:
            raise bad_argument(f"The field {name} is invalid.")
        return list(dict.fromkeys(_raw_id(item, name) for item in value))

    def caller_number(self, targets: list[str]) -> str:
        """The number that is shown; telephones are called from a number of the resource only."""
        number = self.part("sourceCallerIdNumber", required=False).text("value", required=False)
        if not number and any(is_phone(target) for target in targets):
            raise bad_argument("The field sourceCallerIdNumber is required to call a telephone (PSTN).")
        return number

    def number(self, name: str, default: float, smallest: float, largest: float) -> float:
        value = self.fields.get(name)
        if value is None:
            return default
        if isinstance(value, int | float) and not isinstance(value, bool) and smallest <= value <= largest:
            return float(value)
        raise bad_argument(f"The field {name} is invalid: {smallest:g} to {largest:g}.")

    def part(self, name: str, *, required: bool = True) -> "Body":
        """An object within; empty where it is absent and may be."""
        value = self.fields.get(name)
        if isinstance(value, dict):
            return Body(value)
        if value is None and not required:
            return Body({})
        raise bad_argument(f"The field {name} is invalid.")

    def optional(self, name: str) -> "Body | None":
        return None if self.fields.get(name) is None else self.part(name)

    def parts(self, name: str) -> list["Body"]:
        value = self.fields.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise bad_argument(f"The field {name} is invalid.")
        return [Body(item) for item in value]


def is_address(value: str, *schemes: str) -> bool:
    """Whether it could be dialled: one of these schemes, and a host."""
    try:
        address = urlsplit(value)
        return address.scheme in schemes and bool(address.hostname) and address.port != 0
    except ValueError:  # a port or a host that is none
        return False


def _raw_id(value: Any, name: str) -> str:
    raw_id = raw_id_of(value) if isinstance(value, Mapping) else ""
    if not raw_id.strip():
        raise bad_argument(f"The field {name} is invalid.")
    if is_phone(raw_id) and not _PHONE.fullmatch(raw_id):
        number = raw_id.removeprefix("4:")
        raise bad_argument(f"The field {name} is invalid: {number} is no telephone number in E.164 form (+15550100).")
    return raw_id
