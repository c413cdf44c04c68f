"""The secret key of an installation that was given none: made once and kept under VAR_DIR."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def kept_secret(var_dir: Path) -> str:
    """Reads VAR_DIR/secret_key, or makes it (0600); the first of several processes wins."""
    path = var_dir / "secret_key"
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"VAR_DIR={var_dir} cannot be written ({error.strerror}). Name a folder of your own in VAR_DIR."
        ) from error


def _make(path: Path) -> None:
    made = path.with_name(f".secret_key.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(64))
    try:
        os.link(made, path)  # link, not rename: a key that another process made meanwhile stays
    except FileExistsError:
        pass
    finally:
        made.unlink()
