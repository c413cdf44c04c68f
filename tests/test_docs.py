"""The README names every setting with its default, every command and every URL; what the code cites is there."""

import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from config import asgi, health
from config.api import api

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")

# name → the default as it stands in the source, where that is a number, a word or a truth
DEFAULTS = dict(re.findall(r'env\.\w+\(\s*"(\w+)"(?:,\s*("[^"]*"|\d+|True|False)\s*[,)])?', SETTINGS))
SHOWN = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", README, re.MULTILINE))


def names_of_commands() -> list[str]:
    return sorted(path.stem for path in ROOT.glob("*/management/commands/*.py") if path.stem != "__init__")


def targets_of_make() -> list[str]:
    return re.findall(r"^(\w+): (?:runtime|dev)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def api_doors() -> list[str]:
    """`GET /sessions/{id}` and so on, from the OpenAPI document."""
    paths = api.get_openapi_schema()["paths"]
    return [
        f"{method.upper()} {re.sub(r'{[^}]+}', '{id}', path.removeprefix('/api/v1'))}"
        for path, methods in paths.items()
        for method in methods
    ]


def other_doors() -> list[str]:
    """The first part of every other URL: static files and sockets included."""
    routes = (re.sub(r"<.*", "", str(entry.pattern)) for entry in get_resolver().url_patterns)
    return [*(f"/{route}" for route in routes), *health.PATHS, f"{asgi.MEDIA}/"]


def test_it_finds_what_it_looks_for() -> None:
    assert len(DEFAULTS) > 30
    assert {"serve", "streamfile"} <= set(names_of_commands())
    assert {"demo", "test"} <= set(targets_of_make())
    assert "GET /sessions/{id}" in api_doors()


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_it_documents_the_setting(name: str) -> None:
    assert name in SHOWN, f"README.md, Settings: add a row for {name}"
    default = {"True": "1", "False": "0"}.get(DEFAULTS[name], DEFAULTS[name].strip('"'))
    shown = SHOWN[name].strip("`")
    assert shown == default or not default or not SHOWN[name].startswith("`"), (
        f"{name}: README says {shown}, not {default}"
    )


def test_it_documents_no_setting_that_is_none() -> None:
    assert set(SHOWN) <= set(DEFAULTS)


@pytest.mark.parametrize("name", names_of_commands())
def test_it_documents_the_command(name: str) -> None:
    assert re.search(rf"^\| `{name}[ `]", README, re.MULTILINE), f"README.md, Commands: add a row for {name}"


@pytest.mark.parametrize("name", targets_of_make())
def test_it_documents_the_target(name: str) -> None:
    assert f"| `make {name}` |" in README


@pytest.mark.parametrize("door", api_doors())
def test_it_documents_the_api(door: str) -> None:
    assert f"`{door}`" in README, f"README.md, Doors: add a row for {door}"


@pytest.mark.parametrize("door", other_doors())
def test_it_documents_the_door(door: str) -> None:
    assert door in README, f"README.md, Doors: add {door}"


# --- what is cited ---------------------------------------------------------------------------------------------------

SECTION = r"\d(?:\.\d)?"
SECTIONS = rf",?(?: sections?)? ({SECTION}(?:(?:,| and|, and| to) {SECTION})*)"
OURS = ("acs_emulator", "calls", "config", "deploy", "docs", "media", "scripts", "static", "templates", "tests")
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*(path for part in OURS for path in sorted((ROOT / part).rglob("*"))), ROOT / "README.md")
    if path.suffix in {".css", ".html", ".js", ".md", ".mjs", ".py", ".sh", ".yaml"} and path.is_file()
}


def sections_of(document: str) -> set[str]:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    return set(re.findall(rf"^#+ ({SECTION})\.? ", text, re.MULTILINE))


@pytest.mark.parametrize(("document", "cited"), [("ACS.md", r"ACS\.md"), ("ARCHITECTURE.md", r"ARCHITECTURE(?:\.md)?")])
def test_its_documents_have_the_sections_that_are_cited(document: str, cited: str) -> None:
    known, found = sections_of(document), 0
    for name, text in TEXTS.items():
        for citation in re.findall(cited + SECTIONS, text):
            for section in re.findall(SECTION, citation):
                found += 1
                assert section in known, f"{name} cites {document} {section}, which is not there"
    assert found


def test_its_texts_name_files_that_exist() -> None:
    """In README, docs, docstrings and comments alike, from the root, the text's own folder, or a part of the tree on.
    Not in ACS.md, which names the files of others."""
    files = {path.relative_to(ROOT).as_posix() for part in OURS for path in (ROOT / part).rglob("*.*")}
    found = 0
    for name, text in TEXTS.items():
        for path in re.findall(r"(?<![\w/.-])(?!node_modules/)(?:[a-z_]+/)+[\w-]+\.(?:py|js|mjs|yaml|md)\b", text):
            found += 1
            known = name == "docs/ACS.md" or path in files or any(file.endswith(f"/{path}") for file in files)
            assert known, f"{name} names {path}, which is not there"
    assert found
