"""`make faults`: the full form of this folder's tests, two files at a time, since most of them mostly wait; arguments
go to pytest (`make faults PYTEST="-k disk"`)."""

import os
import sys
from pathlib import Path

import pytest

OPTIONS = ("-n", "2", "--no-loadscope-reorder", "-v", "--durations=0", "-o", "faulthandler_timeout=0")

if __name__ == "__main__":
    os.environ["FAULTS"] = "full"
    sys.exit(pytest.main([str(Path(__file__).parent), *OPTIONS, *sys.argv[1:]]))
