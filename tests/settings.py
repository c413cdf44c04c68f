"""The product's settings, in a folder of their own and deaf to the settings of whoever runs the tests."""

import os
import re
import tempfile
from pathlib import Path

_SOURCE = (Path(__file__).resolve().parent.parent / "config" / "settings.py").read_text(encoding="utf-8")
for _name in re.findall(r'env\.\w+\("(\w+)"', _SOURCE):
    os.environ.pop(_name, None)
    os.environ.pop(f"{_name}_FILE", None)

# Removed when the tests end. A short path, because other accounts than root's must be able to reach into it.
_folder = tempfile.TemporaryDirectory(prefix="recorder-tests-")
os.environ["VAR_DIR"] = _folder.name
Path(_folder.name, "static").mkdir()  # whitenoise warns where there is none
# Processes that tests start are the product: they read its settings, and the folder that the test names.
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
