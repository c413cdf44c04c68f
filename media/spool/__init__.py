"""The spool: every message as it came, on this machine's disk, before anything else happens to it. Knows nothing of
Django."""
