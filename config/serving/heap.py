"""What a server is made of is not garbage, and is not looked at again for some."""

import gc

from django.urls import get_resolver


def settle() -> None:
    """Called once, when all is loaded. Else Python's collector goes through the modules, classes and routes of Django
    and of Azure's SDK each time that much else was made: with 300 streams 150 ms every ten seconds, in which no socket
    is read. With it the slowest frame of ten minutes was written 120 ms later."""
    _ = get_resolver().url_patterns  # brings the views and the admin, which else the first request would load
    gc.collect()
    gc.freeze()
