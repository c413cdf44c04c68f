#!/usr/bin/env python
"""Django's command line, with sentences instead of tracebacks for what a user can get wrong."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036  (the sentence for whoever starts it with an older one)
    sys.exit("This needs Python 3.11 or newer, and this is " + sys.version.split()[0] + ". Start it with python3.11.")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import OperationalError
    except ImportError:
        sys.exit("Django is not installed here. 'make run' sets everything up, or: pip install -r requirements.txt")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if os.environ.get("DEBUG_TRACEBACK"):
            raise
        from config.log_lines import line_without_settings

        sys.exit(line_without_settings(f"Cannot start: {error}"))
    except OperationalError as error:  # of Django's own commands; ours say it themselves
        if os.environ.get("DEBUG_TRACEBACK"):
            raise
        from config.commands import away

        sys.exit(away(error))


if __name__ == "__main__":
    main()
