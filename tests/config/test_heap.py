"""What the collector of a server looks at."""

import subprocess
import sys

from tests.serving import ROOT

SETTLED = """
import django
django.setup()
from config.serving import heap
heap.settle()
import gc, sys
print(gc.get_freeze_count() > 50_000, len(gc.get_objects()) < 5_000, "media.pages.session_page" in sys.modules)
"""


def test_what_is_loaded_at_the_start_is_never_looked_at_again() -> None:
    line = [sys.executable, "-c", SETTLED]
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "PATH": ""}
    said = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["True", "True", "True"]
