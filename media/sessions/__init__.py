"""A session from its first frame to its deletion: whose it is, how it stands, what people add, how long it is kept."""
