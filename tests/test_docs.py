"""The README names every setting with its default, every command and every URL."""

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
