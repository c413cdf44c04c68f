"""Every key of a scenario stands in its README, and nothing else does that looks like a fault."""

import re
from collections.abc import Iterator
from typing import get_args

import msgspec

from acs_emulator.control.orders import ORDERS
from acs_emulator.scenario import schema
from acs_emulator.scenario.decisions import SHIPPED

TEXT = (SHIPPED / "scenarios" / "README.md").read_text()


def keys() -> Iterator[str]:
    for kind in vars(schema).values():
        if isinstance(kind, type) and issubclass(kind, schema.Part):
            yield from (field.encode_name for field in msgspec.structs.fields(kind))


def test_it_documents_every_key() -> None:
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", TEXT))))
    assert not set(keys()) - words


def test_it_documents_every_fault() -> None:
    faults = {kind.__struct_config__.tag for kind in get_args(schema.StreamFault)}
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT.split("| `do` |")[1].split("## By hand")[0], re.MULTILINE)) == faults


def test_it_documents_every_order() -> None:
    rows = re.findall(r"^\| ((?:`\w+` ?)+)\|", TEXT.split("| order |")[1], re.MULTILINE)
    assert set(re.findall(r"\w+", " ".join(rows))) == set(ORDERS)


def test_it_documents_every_shipped_scenario() -> None:
    assert all(f"`{path.stem}`" in TEXT for path in (SHIPPED / "scenarios").glob("*.yaml"))
