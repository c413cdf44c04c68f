"""The rules of ARCHITECTURE that a machine can check: which way imports point, what is pure, how long a file is."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("config", "media", "calls", "acs_emulator")

# Which of ours a part may import besides itself. Commands start things, so they may import config, like manage.py.
MAY_IMPORT = {"config": {"media", "calls"}, "media": {"calls"}, "calls": set(), "acs_emulator": set()}
COMMANDS = ("media/management/commands/", "calls/management/commands/")

ONLY_IMPORTER_OF_AZURE = "calls/acs/"

PURE = (
    "media/stream/",
    "media/sessions/identity.py",
    "media/sessions/evidence.py",
    "media/filesystems.py",
    "media/errors.py",
    "media/ingest/peers.py",
    "calls/address_book.py",
    "calls/azure_cli.py",
    "calls/webhooks/bodies.py",
    "calls/codes.py",
    "calls/errors.py",
    "calls/webhooks/events.py",
    "calls/webhooks/event_grid.py",
    "calls/identifiers.py",
    "calls/lifecycle.py",
    "calls/masking.py",
    "calls/texts.py",
    "calls/webhooks/readers.py",
    "calls/explanations.py",
)
# Values and arithmetic: no I/O, no clock, no log, no framework.
PURE_IMPORTS = set(
    """abc base64 binascii bisect collections copy csv dataclasses datetime decimal enum functools hashlib heapq
    itertools json math msgspec numpy operator re shlex soxr statistics string struct types typing unicodedata
    urllib.parse uuid zlib""".split()  # noqa: SIM905  (thirty quoted lines would hide what is not there)
)
IMPURE_CALLS = {"open", "print", "input", "eval", "exec", "now", "utcnow", "today", "uuid1", "uuid4", "default_rng"}

LONGEST_FILE, LONGEST_FUNCTION = 300, 50

FOUND_BY_DJANGO = {"Command", "CallsConfig", "MediaConfig"}
FOR_TESTS_OF_OTHERS = ("acs_emulator/record.py", "acs_emulator/testing.py")


def sources(*parts: str) -> list[Path]:
    return sorted(path for part in parts for path in (ROOT / part).rglob("*.py") if "node_modules" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), name_of(path))


def imports(path: Path) -> Iterator[str]:
    """The dotted names of the modules that a file imports, wherever in it; relative ones made absolute."""
    package = name_of(path.parent).replace("/", ".").split(".")
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                ".".join([*package[: len(package) - node.level + 1], node.module or ""]) if node.level else node.module
            )
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_under(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def is_pure(path: Path) -> bool:
    return name_of(path).startswith(PURE)


@pytest.mark.parametrize("part", OURS)
def test_it_imports_one_way(part: str) -> None:
    for path in sources(part):
        allowed = MAY_IMPORT[part] | {part} | ({"config"} if name_of(path).startswith(COMMANDS) else set())
        for module in imports(path):
            top = module.partition(".")[0]
            assert top not in OURS or top in allowed, f"{name_of(path)} imports {module}"


def test_it_has_one_package_that_knows_azure() -> None:
    knowing = {name_of(path) for path in sources(*OURS) for module in imports(path) if is_under(module, {"azure"})}
    assert knowing
    assert all(name.startswith(ONLY_IMPORTER_OF_AZURE) for name in knowing)


def test_its_emulator_knows_no_django() -> None:
    for path in sources("acs_emulator"):
        for module in imports(path):
            assert not is_under(module, {"django", "channels", "ninja"}), f"{name_of(path)} imports {module}"


def test_its_media_sockets_do_not_touch_the_orm() -> None:
    for path in (ROOT / "media/ingest/consumers.py", ROOT / "media/ingest/ingest.py", *sources("media/spool")):
        for module in imports(path):
            assert not is_under(module, {"django.db", "media.models", "calls.models"}), (
                f"{name_of(path)} imports {module}"
            )


def test_its_core_is_pure() -> None:
    pure = [path for path in sources("media", "calls") if is_pure(path)]
    assert len(pure) > 10
    ours = {name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in pure}
    for path in pure:
        for module in imports(path):
            assert is_under(module, PURE_IMPORTS | ours | {"pathlib.PurePosixPath"}), (
                f"{name_of(path)} imports {module}"
            )


def test_its_core_has_no_clock_and_no_output() -> None:
    for path in filter(is_pure, sources("media", "calls")):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert called not in IMPURE_CALLS, f"{name_of(path)}:{node.lineno} calls {called}()"


def test_its_files_can_be_read_in_one_go() -> None:
    for path in sources(*OURS, "tests"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= LONGEST_FILE or "/migrations/" in name_of(path), f"{name_of(path)} has {lines} lines"


def test_its_functions_fit_on_a_screen() -> None:
    for path in sources(*OURS):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= LONGEST_FUNCTION, f"{name_of(path)}: {node.name}() has {lines} lines"


def test_its_modules_say_what_they_are() -> None:
    for path in sources(*OURS):
        tree = tree_of(path)
        small = path.name in {"__init__.py", "apps.py"} or "/migrations/" in name_of(path)
        assert small or not tree.body or ast.get_docstring(tree), f"{name_of(path)} has no docstring"


def test_its_functions_and_classes_are_used() -> None:
    """By the product itself: what only a test calls is dead. A use is the name elsewhere in its file, or in a text that
    names its module, too. What is decorated is registered somewhere."""
    texts = [ROOT / "manage.py", *(path for part in OURS for path in (ROOT / part).rglob("*.py"))]
    words = {path: re.findall(r"\w+", path.read_text(encoding="utf-8")) for path in texts}
    known = {path: set(found) for path, found in words.items()}
    for path in sources(*OURS):
        module = path.parent.name if path.name == "__init__.py" else path.stem
        for node in tree_of(path).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.decorator_list:
                continue
            elsewhere = any({node.name, module} <= found for other, found in known.items() if other != path)
            used = elsewhere or words[path].count(node.name) > 1 or node.name in FOUND_BY_DJANGO
            assert used or name_of(path) in FOR_TESTS_OF_OTHERS, f"{name_of(path)}: nothing uses {node.name}"


def test_its_tests_are_a_package() -> None:
    """Without __init__.py tests/media would shadow the app `media`."""
    for folder in {path.parent for path in sources("tests")}:
        assert (folder / "__init__.py").exists(), name_of(folder)
