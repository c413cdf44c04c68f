"""What this process has counted of ACS since its start, for /metrics. Plain numbers: reading them needs no lock."""

from collections import Counter

acs_requests: Counter[str] = Counter()
"""By outcome: ok, the HTTP status of a refusal, `silent` where no answer came, `nonsense` where another answered."""

acs_events: Counter[str] = Counter()
"""Callbacks by their type."""
