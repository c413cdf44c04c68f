"""The forms that every request, every list and every refusal of the REST API has."""

from collections.abc import Iterable
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import TextChoices
from ninja import Schema
from ninja.errors import ValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from calls.rest.cursor import Order

Item = TypeVar("Item")


def one_of(choices: type[TextChoices]) -> WithJsonSchema:
    """For choices whose name others have too: the document has one place for each name, and would show the last."""
    return WithJsonSchema({"type": "string", "enum": list(choices.values)})


class Asked(BaseModel):
    """The body of a request. A misspelt option is refused; one that is null is as if it were not there, because many
    programs write down all that they know."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _leave_out_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


class Problem(Schema):
    detail: str


class Fault(Schema):
    loc: list[str | int]
    msg: str


class Faults(Schema):
    detail: list[Fault]


class Page(Schema, Generic[Item]):
    """One page of a list, newest first; `next` is the `cursor` of the page after."""

    items: list[Item]
    next: str | None


def cursor_check(order: Order) -> AfterValidator:
    """Refuses a cursor that is not of this list, before anything is read."""

    def check(cursor: str | None) -> str | None:
        if cursor:
            order.decode(cursor)
        return cursor

    return AfterValidator(check)


class PageQuery(Schema):
    limit: Annotated[int, Field(ge=1, le=200)] = 50


def refuse_unknown(given: Iterable[str], query: type[PageQuery]) -> None:
    """Raises ValidationError: a misspelt filter would be none at all, and show what was not asked for."""
    if unknown := [name for name in given if name not in query.model_fields]:
        known = ", ".join(query.model_fields)
        faults = [
            {"loc": ["query", name], "msg": f"There is no filter {name!r}; there are: {known}."} for name in unknown
        ]
        raise ValidationError(faults)
