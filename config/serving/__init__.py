"""Runs the application in a server of this process: who listens, drains, ends. Knows nothing of calls or audio."""
