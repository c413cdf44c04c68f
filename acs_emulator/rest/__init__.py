"""The REST surface of Call Automation: routes, proof of the key, errors, repeatability, bodies (ACS.md 4)."""
