"""Text of a scenario file → schema. What is wrong is named by key, line and file. Reads no sounds."""

import fnmatch
import math
import re
from typing import Any

import msgspec
import yaml

from acs_emulator.errors import BadScenario
from acs_emulator.scenario.names import EVENTS, GRID_EVENTS, OPERATIONS
from acs_emulator.scenario.schema import OUTCOMES, Answer, CallPlan, File, Redial, Seconds, Shift, StreamFault
from acs_emulator.scenario.wording import plain

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_DURATION = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(ms|s|m|h|)")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")

Node = yaml.Node | None


def parse(text: str, name: str) -> File:
    """Raises BadScenario."""
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
        raise BadScenario(where=f"{name}, line {line}", why=f"this is no YAML ({wrong.problem})") from None
    except yaml.YAMLError as wrong:
        raise BadScenario(where=name, why=f"this is no YAML ({' '.join(str(wrong).split())})") from None
    _check_once(root, name)
    try:
        file = msgspec.convert({} if content is None else content, File, dec_hook=_hook, str_keys=False)
    except msgspec.ValidationError as wrong:
        raise _explained(str(wrong), root, name) from None
    _check_names(file, text, name)
    return file


def parse_fault(content: dict[str, Any]) -> StreamFault:
    """One fault of `stream.faults`, as the control API takes it. Raises BadScenario."""
    try:
        fault: StreamFault = msgspec.convert(content, StreamFault, dec_hook=_hook)
    except msgspec.ValidationError as wrong:
        raise _explained(str(wrong), None, "the fault") from None
    return fault


def _check_once(node: Node, name: str) -> None:
    """YAML lets a key stand twice; the first would silently count for nothing."""
    below: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                where = f"{name}, line {key.start_mark.line + 1}"
                raise BadScenario(where=where, why=f"the key '{key.value}' is twice")
            seen.add(str(key.value))
            below.append(value)
    elif isinstance(node, yaml.SequenceNode):
        below = node.value
    for one in below:
        _check_once(one, name)


def _check_names(file: File, text: str, name: str) -> None:
    """A fault of an operation or event that does not exist would never strike, and nobody would know why."""
    parts: tuple[File | CallPlan, ...] = (file, *file.calls.values())
    for key, asked, known in (
        *(("operation", fault.operation, OPERATIONS) for part in parts for fault in part.rest or ()),
        *(("type", fault.type, EVENTS + GRID_EVENTS) for part in parts for fault in part.events or ()),
    ):
        if not fnmatch.filter(known, asked):
            where = f"{name}, line {line_of(text, asked)}"
            raise BadScenario(where=where, why=f"{key}: there is no '{asked}', but {', '.join(known)}")


def _hook(kind: type, value: Any) -> Any:
    if kind is Answer:
        return Answer(value if value in OUTCOMES else _seconds(value, f" or one of {', '.join(OUTCOMES)}"))
    if kind is Redial:
        return Redial(math.inf if value == "never" else _seconds(value, " or never"))
    return Shift(_number(value)) if kind is Shift else Seconds(_seconds(value))


def _seconds(value: Any, others: str = "") -> float:
    if (found := _number(value, others)) < 0:
        raise ValueError(f"{value!r} is negative")
    return found


def _number(value: Any, others: str = "") -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if isinstance(value, str) and (found := _DURATION.fullmatch(value.strip())):
        return float(found[1]) * _UNITS[found[2]]
    raise ValueError(f"{value!r} is no duration: write 2s, 500ms or 1m{others}")


def _explained(message: str, root: Node, name: str) -> BadScenario:
    """msgspec's sentence and path, as the reader's key and line."""
    why, _, path = message.partition(" - at `")
    path = path.removesuffix("`").removeprefix("$")
    node = _at(root, path)
    if unknown := re.search(r"unknown field `(.+)`", why):
        key = unknown[1]
        node = _key(node, key) or node
        why = f"unknown key '{key}'" + (f" in {path.lstrip('.')}" if path else "")
    elif path.startswith("key") and (unquoted := _unquoted(root)):
        part, node = unquoted
        why = f'{part}: write the number in quotes: "{node.value}"'
    elif path:
        why = f"{path.lstrip('.')}: {plain(why, path.lstrip('.'))}"
    else:
        why = f"a scenario is `key: value` pairs ({plain(why, path)})"
    return BadScenario(where=f"{name}, line {node.start_mark.line + 1}" if node else name, why=why)


def _at(node: Node, path: str) -> Node:
    """As far down as the path can be followed (msgspec writes `[...]` for any key of a mapping)."""
    for key, index in _STEP.findall(path):
        below: Node = None
        if isinstance(node, yaml.MappingNode):
            below = next((value for name, value in node.value if name.value == key), None)
        elif isinstance(node, yaml.SequenceNode) and index.isdigit():
            below = node.value[int(index)]
        if below is None:
            return node
        node = below
    return node


def line_of(text: str, value: str) -> int:
    """The first line whose value this is."""
    tokens = (t for t in yaml.scan(text, yaml.SafeLoader) if isinstance(t, yaml.ScalarToken))
    return next((token.start_mark.line + 1 for token in tokens if token.value == value), 1)


def _unquoted(root: Node) -> tuple[str, yaml.ScalarNode] | None:
    """A telephone number that YAML took for a number, and in which part."""
    for part in ("participants", "calls"):
        people = _at(root, f".{part}")
        if isinstance(people, yaml.MappingNode) and people is not root:
            for name, _ in people.value:
                if isinstance(name, yaml.ScalarNode) and not name.tag.endswith(":str"):
                    return part, name
    return None


def _key(node: Node, key: str) -> Node:
    """The key itself, at this node or anywhere below it."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if found := (name if name.value == key else _key(value, key)):
                return found
    elif isinstance(node, yaml.SequenceNode):
        return next((found for item in node.value if (found := _key(item, key))), None)
    return None
