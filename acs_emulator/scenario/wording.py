"""msgspec's words for what is wrong with a scenario, in those of somebody who writes one. Pure."""

import re
from typing import Literal, get_args, get_origin

import msgspec

from acs_emulator.scenario import schema

_TYPES = {
    "object": "`key: value` pairs",
    "array": "a list",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
}
_EXPECTED = re.compile(r"expected `([^`]+)`", re.IGNORECASE)
_GOT = re.compile(r"got `([^`]+)`")
_INVALID = re.compile(r"Invalid (?:enum )?value ('.*')")
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_NUMBER = re.compile(r"expected `str[^`]*`, got `(?:int|float)`", re.IGNORECASE)
_LIMIT = re.compile(r"expected `\w+` ([<>]=) (\S+)", re.IGNORECASE)


def plain(why: str, path: str) -> str:
    """`why` of the value at `path`, such as `stream.silence`."""
    if limit := _LIMIT.search(why):
        return f"{'at most' if limit[1] == '<=' else 'at least'} {float(limit[2]):g} is possible"
    if "regex" in why:
        return "keys are 0 to 9, *, #, a to d"
    if (wrong := _INVALID.fullmatch(why)) and (choices := _choices(path)):
        return f"{wrong[1]} is none of {choices}"
    if missing := _MISSING.fullmatch(why):
        return f"the key '{missing[1]}' is missing"
    quotes = ": write it in quotes" if _NUMBER.search(why) else ""
    why = _EXPECTED.sub(lambda found: f"expected {_words(found[1])}", why)
    why = _GOT.sub(lambda found: f"got {_words(found[1])}", why)
    return why[:1].lower() + why[1:] + quotes


def _words(types: str) -> str:
    return " or ".join(_TYPES.get(one, one) for one in types.split(" | ") if one != "null" or types == "null")


def _choices(path: str) -> str:
    """What may stand there; where it depends on the fault, for each fault."""
    key = path.rpartition(".")[2]
    if key == "do" and not path.startswith("events"):
        return ", ".join(_tag(kind) for kind in get_args(schema.StreamFault))
    found = {
        _tag(kind): ", ".join(get_args(field.type))
        for kind in vars(schema).values()
        if isinstance(kind, type) and issubclass(kind, schema.Part)
        for field in msgspec.structs.fields(kind)
        if field.encode_name == key and get_origin(field.type) is Literal
    }
    return next(iter(found.values())) if len(found) == 1 else "; ".join(f"{tag}: {all_}" for tag, all_ in found.items())


def _tag(kind: type[schema.Part]) -> str:
    return str(kind.__struct_config__.tag or kind.__name__)
