"""The console's pages of recordings: views, and what they gather."""
