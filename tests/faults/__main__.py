"""`make faults`: the full form of this folder's tests; arguments go to pytest."""

import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    os.environ["FAULTS"] = "full"
    sys.exit(
        pytest.main([str(Path(__file__).parent), "--durations=0", "-v", "-o", "faulthandler_timeout=0", *sys.argv[1:]])
    )
