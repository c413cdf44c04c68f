"""Calls: who is in them, what an application may do to them, and what happens by itself. Knows no HTTP server."""
