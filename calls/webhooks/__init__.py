"""What ACS and Event Grid post to us: the doors, and their events as values."""
