"""Proofs of the recorder with real processes: what is killed, stopped, stalled, cut off and abused, and what is stored
afterwards. A short form runs with every test; `make faults` (FAULTS=full) runs the whole."""

import os

FULL = os.environ.get("FAULTS") == "full"
