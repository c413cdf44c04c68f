"""Says on stderr what is being done."""

import sys
import time

_began = time.monotonic()


def progress(text: str) -> None:
    sys.stderr.write(f"[{time.monotonic() - _began:4.0f} s] {text}\n")
    sys.stderr.flush()
