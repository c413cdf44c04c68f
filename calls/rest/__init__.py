"""What every part of the REST API shares: pages, problems, texts and times. Knows nothing of calls and recordings."""
