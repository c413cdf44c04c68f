"""Calls while they run: what browsers see and hear of them. Lossy by design: keeping never waits for showing."""
