"""What was recorded, as sound: read back, mixed, encoded, answered over HTTP, drawn."""
