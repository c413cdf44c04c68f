"""Self-proofs: a coded sound through the real door, compared with what was stored of it."""
