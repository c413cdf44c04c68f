"""System checks of what cannot be seen from a setting alone. Each names what is wrong and what to do."""

import base64
import binascii
import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.files.storage import FileSystemStorage
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from media.alarms import mail
from media.alarms.quiet import quiet_hours
from media.filesystems import filesystem_of, is_network, is_overlay

MOUNTINFO = Path("/proc/self/mountinfo")
HIDING = {
    "media",
    "media/",
    "/media",
    "/media/",
    "**/media",
    "**/media/",
    "media/*",
    "/media/*",
    "media/**",
    "/media/**",
}

Found = list[CheckMessage]


@register
def the_word_media(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """`media/` is the app, and only that: a habitual MEDIA_ROOT, URL or line of .gitignore would overwrite, serve or
    hide its source."""
    app = Path(apps.get_app_config("media").path).resolve()
    found: Found = []
    if _inside(settings.MEDIA_ROOT, app):
        hint = "Leave MEDIA_ROOT under VAR_DIR."
        found.append(
            Error("MEDIA_ROOT is the app 'media' itself: uploads would overwrite it.", hint=hint, id="media.E001")
        )
    if f"/{settings.MEDIA_URL.lstrip('/')}".startswith("/media/"):
        hint = "Use another prefix, such as /uploads/."
        found.append(Error("MEDIA_URL begins with /media/, the name of the app.", hint=hint, id="media.E002"))
    if any(str(entry.pattern).lstrip("^/").startswith("media/") for entry in _routes()):
        hint = "Take static(MEDIA_URL, …) or the route out of config/urls.py."
        found.append(Error("A URL under /media/ is served.", hint=hint, id="media.E003"))
    found.extend(_hidden(settings.BASE_DIR / ".gitignore"))
    found.extend(_stored_in(app))
    return found


def _routes() -> Iterable[URLPattern | URLResolver]:
    return get_resolver().url_patterns


def _inside(folder: str | os.PathLike[str], app: Path) -> bool:
    # Relative, as in MEDIA_ROOT = "media", means relative to where the process was started: the project.
    return (Path(settings.BASE_DIR) / folder).resolve().is_relative_to(app)


def _hidden(gitignore: Path) -> Found:
    try:
        lines = gitignore.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    hiding = [line.strip() for line in lines if line.strip() in HIDING]
    hint = f"Delete the line from {gitignore}."
    return [Error(f"{line!r} in .gitignore hides the app 'media'.", hint=hint, id="media.E004") for line in hiding]


def _stored_in(app: Path) -> Found:
    found: Found = []
    storages: Any = settings.STORAGES
    for name, storage in storages.items():
        location = storage.get("OPTIONS", {}).get("location")  # of an object store it is a prefix, not a folder
        if location and issubclass(import_string(storage["BACKEND"]), FileSystemStorage) and _inside(location, app):
            text = f"The storage {name!r} lies in the app 'media': its files would stand among the source."
            found.append(Error(text, hint="Give it a folder under VAR_DIR.", id="media.E005"))
    return found


@register
def the_spools_disk(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """The spool is SQLite in WAL mode: a network file system breaks it, a container's layer loses it."""
    kind = filesystem_of(PurePosixPath(settings.SPOOL_DIR.resolve()), _mountinfo())
    if is_network(kind):
        text = (
            f"SPOOL_DIR={settings.SPOOL_DIR} lies on a {kind} file system, where the spool's SQLite cannot work safely."
        )
        return [Error(text, hint="Point SPOOL_DIR to a disk of this machine.", id="media.E010")]
    if is_overlay(kind):
        text = (
            f"SPOOL_DIR={settings.SPOOL_DIR} lies in the container's own layer ({kind}): it is lost with the container."
        )
        return [checks.Warning(text, hint="Mount a volume and point SPOOL_DIR (or VAR_DIR) to it.", id="media.W010")]
    return []


def _mountinfo() -> str:
    try:
        return MOUNTINFO.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""  # not Linux


@register
def folders_that_must_be_writable(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    found: Found = []
    for name in ("VAR_DIR", "SPOOL_DIR"):
        folder: Path = getattr(settings, name)
        there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            why = "cannot be written to" if there.is_dir() else "is a file, not a folder"
            hint = f"Name a folder of your own in {name}, or give this account the right to write there."
            found.append(Error(f"{name}={folder}: {there} {why}.", hint=hint, id="media.E011"))
    return found


@register
def an_installation_for_real(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    found: Found = []
    if settings.EMBEDDED_DATABASE and settings.PUBLIC_URL and not settings.DEBUG:
        text = "The embedded database is for trying out: no backups, no upgrades, one machine."
        found.append(checks.Warning(text, hint="Set DATABASE_URL to a PostgreSQL of your own.", id="media.W012"))
    if settings.PUBLIC_URL.startswith("http://") and not settings.DEBUG:
        text = f"PUBLIC_URL={settings.PUBLIC_URL} is not encrypted; ACS streams to wss:// and calls back https:// only."
        hint = "Put a proxy with a certificate in front (README, Security), and set PUBLIC_URL=https://…"
        found.append(checks.Warning(text, hint=hint, id="media.W015"))
    try:
        quiet_hours(settings.ALARM_QUIET_HOURS)
    except ValueError as error:
        found.append(Error(f"ALARM_QUIET_HOURS: {error}", hint="Correct it, or leave it unset.", id="media.E015"))
    concurrency = os.environ.get("WEB_CONCURRENCY", "").strip()
    asked = {"WORKERS": settings.WORKERS, "WEB_CONCURRENCY": int(concurrency) if concurrency.isdecimal() else 1}
    for name, processes in asked.items():
        if processes > 1 and not settings.REDIS_URL:
            text = f"{name}={processes}: more than one process cannot tell each other anything without REDIS_URL."
            found.append(Error(text, hint="Set REDIS_URL, or run one process.", id="media.E013"))
    if settings.ACS_ACCESS_KEY and not _is_base64(settings.ACS_ACCESS_KEY):
        text = "ACS_ACCESS_KEY is not base64: it was not copied whole."
        found.append(Error(text, hint="Copy it from the portal: your resource, Keys.", id="media.E014"))
    return found


@register
def mail_that_may_be_read(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """Without a log-in TLS is taken where it is offered; `manage.py doctor` asks the server."""
    if not settings.ALARM_MAIL_TO or settings.EMAIL_USE_SSL or settings.EMAIL_USE_TLS or mail.stays_here():
        return []
    text = "EMAIL_URL has no log-in: alarms go encrypted only if the server offers STARTTLS, its certificate unchecked."
    hint = "Use smtps://host or smtp://user:password@host:587; manage.py doctor says what this server does."
    return [checks.Warning(text, hint=hint, id="media.W016")]


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False
