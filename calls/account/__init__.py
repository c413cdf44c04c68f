"""A person's own pages: signing in and out, password, API tokens. Knows nothing of calls and audio."""
