"""System checks of what cannot be seen from a setting alone."""
