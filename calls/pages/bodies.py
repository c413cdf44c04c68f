"""What was filled into a form, as the body of the REST API's request that does the same; so both refuse the same."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from django.http import QueryDict
from pydantic import BaseModel, ValidationError

Schema = TypeVar("Schema", bound=BaseModel)
_DIVIDERS = re.compile(r"[\n,;]+")
EMPTY = {"too_short": "Say at least one.", "missing": "This is needed.", "string_too_short": "This is needed."}


class BadForm(Exception):
    """`faults`: by the name of the field, each a sentence."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(*faults.values())
        self.faults = dict(faults)


def checked(schema: type[Schema], body: dict[str, Any]) -> Schema:
    """Raises BadForm."""
    try:
        return schema.model_validate(body)
    except ValidationError as error:
        faults: dict[str, str] = {}
        for fault in error.errors():
            name = str(fault["loc"][0]) if fault["loc"] else ""
            words = EMPTY.get(fault["type"]) or str(fault["msg"]).removeprefix("Value error, ")
            faults[name] = " ".join(part for part in (faults.get(name), words) if part)
        raise BadForm(faults) from None


def several(text: str) -> list[str]:
    """One on each line, or divided by commas."""
    return [word.strip() for word in _DIVIDERS.split(text) if word.strip()]


def filled(given: QueryDict, *names: str) -> dict[str, Any]:
    """The fields that are not empty."""
    return {name: value for name in names if (value := given.get(name, "").strip())}
