"""The REST API of recordings: its doors, their JSON, and the order of their lists."""
