"""How the admin writes dates and times (settings.FORMAT_MODULE_PATH)."""
