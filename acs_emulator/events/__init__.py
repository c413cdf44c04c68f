"""What the service tells an application by itself: callbacks of a call, and Event Grid."""
