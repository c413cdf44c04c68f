"""A request's JSON body, read field by field; what is missing or wrong is an error that names it. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Self

from acs_emulator.calls.identifiers import is_phone, raw_id_of
from acs_emulator.calls.wishes import Operation
from acs_emulator.rest.errors import bad_argument


class Body:
    """`fields`: the JSON object. Every method raises ApiError 400."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields

    @classmethod
    def read(cls, content: bytes) -> Self:
        try:
            fields = json.loads(content) if content.strip() else {}
        except ValueError:
            raise bad_argument("The request body is not JSON.") from None
        if not isinstance(fields, dict):
            raise bad_argument("The request body is not a JSON object.")
        return cls(fields)

    @property
    def operation(self) -> Operation:
        self.address("operationCallbackUri", required=False)
        return Operation.of(self.fields)

    def text(self, name: str, *, required: bool = True) -> str:
        value = self.fields.get(name)
        if isinstance(value, str) and value:
            return value
        if value in {None, ""} and not required:
            return ""
        raise bad_argument(f"The field {name} is invalid.")

    def address(self, name: str, *, required: bool = True) -> str:
        value = self.text(name, required=required)
        if value and not value.lower().startswith(("https://", "http://")):
            raise bad_argument(f"The field {name} is invalid.")
        return value

    def person(self, name: str) -> str:
        """The raw id of an identifier."""
        value = self.fields.get(name)
        raw_id = raw_id_of(value) if isinstance(value, Mapping) else ""
        if not raw_id:
            raise bad_argument(f"The field {name} is invalid.")
        return raw_id

    def people(self, name: str) -> list[str]:
        """At least one raw id, each once."""
        value = self.fields.get(name)
        found = [raw_id_of(item) for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
        if not found or not all(found):
            raise bad_argument(f"The field {name} is invalid.")
        return list(dict.fromkeys(found))

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

    def parts(self, name: str) -> list["Body"]:
        value = self.fields.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise bad_argument(f"The field {name} is invalid.")
        return [Body(item) for item in value]
